"""Offloading: large values go to the object store, small ones stay where they are."""

import hashlib
from dataclasses import dataclass, field

from pipeline.language.json_value import Json
from pipeline.payloads.cache import PayloadCache
from pipeline.payloads.codec import compress, decode, serialize
from pipeline.payloads.object_store import ObjectCorrupt, ObjectStore
from pipeline.payloads.pointer import Pointer

_INLINE = b"i"
_POINTER = b"p"
"""First bytes of packed values.

They stand in front of the value, not in it: user data that looks like a pointer stays data.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Packs values for the ledger and unpacks them again.

    Attributes:
        store: The store of large values.
        threshold_bytes: The longest JSON text that stays inline, in UTF-8 bytes before compression.
            AWS's own limits are measured like this, and the measure does not depend on the codec.
        cache: The payloads that this process used last.
    """

    store: ObjectStore
    threshold_bytes: int
    cache: PayloadCache = field(default_factory=PayloadCache)

    def pack(self, execution_id: str, value: Json) -> bytes:
        """The form of a value that goes into a ledger column.

        A large value is in the store when this returns. The cache then holds the very object that
        the caller passed, so no code may change it afterwards.

        Args:
            execution_id: The execution below whose prefix the store keeps a large value.
            value: Any JSON value.

        Raises:
            ObjectStoreUnavailable: The store could not write it.
            ValueError: It is not a JSON value.
        """
        serialized = serialize(value)
        if len(serialized) - 1 <= self.threshold_bytes:
            return _INLINE + compress(serialized)
        return _POINTER + self._offload(execution_id, value, serialized).to_bytes()

    def store_apart(self, execution_id: str, value: Json) -> bytes:
        """Like ``pack``, but a small value goes to the store, too, where people can find it."""
        pointer = self._offload(execution_id, value, serialize(value))
        return _POINTER + pointer.to_bytes()

    def _offload(self, execution_id: str, value: Json, serialized: bytes) -> Pointer:
        data = compress(serialized)
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"executions/{execution_id}/{sha256}"
        pointer = Pointer(key=key, sha256=sha256, size=len(data))
        if self.cache.find(pointer) is None:  # the cache holds only what the store holds
            self.store.put(key, data)
            self.cache.insert(pointer, value)
        return pointer

    def unpack(self, packed: bytes) -> Json:
        """The value that was packed. The cache may share it, so the caller must not change it.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
            ObjectMissing: The store does not have the payload.
            ObjectCorrupt: The store returned other bytes than it was given.
            ValueError: The bytes were not written by ``pack``.
        """
        pointer = self.pointer_of(packed)
        return decode(packed[1:]) if pointer is None else self._fetch(pointer)

    def _fetch(self, pointer: Pointer) -> Json:
        if cached := self.cache.find(pointer):
            return cached.value
        data = self.store.get(pointer.key)
        actual = hashlib.sha256(data).hexdigest()
        if actual != pointer.sha256:
            raise ObjectCorrupt(self.store.uri(pointer.key), pointer.sha256, actual)
        value = decode(data)
        self.cache.insert(pointer, value)
        return value

    @staticmethod
    def pointer_of(packed: bytes) -> Pointer | None:
        """The pointer in a packed value, or None if the value is inline.

        Raises:
            ValueError: The bytes were not written by ``pack``.
        """
        form = packed[:1]
        if form == _POINTER:
            return Pointer.from_bytes(packed[1:])
        if form != _INLINE:
            raise ValueError(f"{form!r} is not a form of packed values")
        return None
