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
    """A decoded payload, shared by all who find it: it must not be changed.

    Attributes:
        value: The payload.
        expires_at: Reading of the cache's clock from which it is not used any more.
    """

    value: Json
    expires_at: float


class PayloadCache:
    """Decoded payloads by pointer: at most 20, the least recently used leaving first.

    An entry lives 300 s from its insertion, however often it is used. Entries go by the whole
    pointer, not by the hash alone: that an execution holds some bytes says nothing about whether
    they were also stored below the prefix of another.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty.

        Args:
            clock: Seconds from any origin, never going back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Pointer, CachedPayload] = OrderedDict()

    def find(self, pointer: Pointer) -> CachedPayload | None:
        """The payload, if it is known and fresh."""
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
        """Remember a payload that is certain to be in the store."""
        with self._lock:
            expires_at = self._clock() + MAX_AGE_SECONDS
            self._entries[pointer] = CachedPayload(value=value, expires_at=expires_at)
            self._entries.move_to_end(pointer)
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)
