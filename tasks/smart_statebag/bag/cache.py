"""The read cache of one process (Contract 3.3)."""

import threading
from collections import OrderedDict

from tasks.smart_statebag.bag.clock import Clock, SystemClock

MAX_ENTRIES = 20
LIFETIME_SECONDS = 300.0


class ObjectCache:
    """At most 20 objects, each for 300 s from its insertion; the least recently used leaves first.

    It keeps bytes, so that every reader parses its own value and none can change another's.
    """

    def __init__(self, *, max_entries: int = MAX_ENTRIES, clock: Clock | None = None) -> None:
        self._max_entries = min(max_entries, MAX_ENTRIES)
        self._clock = clock or SystemClock()
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, path: str) -> bytes | None:
        """The bytes of an object, None if the cache does not hold them."""
        with self._lock:
            entry = self._entries.get(path)
            if entry is None:
                return None
            inserted, body = entry
            if self._clock.monotonic() - inserted > LIFETIME_SECONDS:
                del self._entries[path]
                return None
            self._entries.move_to_end(path)
            return body

    def put(self, path: str, body: bytes) -> None:
        """Keep an object that was read."""
        with self._lock:
            self._entries[path] = (self._clock.monotonic(), body)
            self._entries.move_to_end(path)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)
