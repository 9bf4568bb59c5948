"""The cache: the payloads that this process read or wrote last."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.language.json_value import Json
from pipeline.payloads.pointer import Pointer

MAX_ENTRIES = 20
MAX_AGE_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPayload:
    """A decoded payload. All readers share it, so none may change it.

    Attributes:
        value: The payload.
        expires_at: The reading of the cache's clock at which it expires.
    """

    value: Json
    expires_at: float


class PayloadCache:
    """Decoded payloads by pointer: at most 20; the least recently used is dropped first.

    An entry lives 300 s from its insertion, however often it is used. The key is the whole pointer,
    not the hash alone: the same bytes may be stored below the prefix of one execution and not below
    that of another.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty.

        Args:
            clock: Seconds since any origin; never goes back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Pointer, CachedPayload] = OrderedDict()

    def find(self, pointer: Pointer) -> CachedPayload | None:
        """The payload, if it is cached and has not expired."""
        with self._lock:
            entry = self._entries.get(pointer)
            if entry is None:
                return None
            if self._clock() >= entry.expires_at:
                del self._entries[pointer]
                return None
            self._entries.move_to_end(pointer)
            return entry

    def insert(self, pointer: Pointer, value: Json) -> None:
        """Cache a payload that is certain to be in the store."""
        with self._lock:
            expires_at = self._clock() + MAX_AGE_SECONDS
            self._entries[pointer] = CachedPayload(value=value, expires_at=expires_at)
            self._entries.move_to_end(pointer)
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)
