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

They stand beside the value and not in it, so user data can look like a pointer and stay data.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """Packs values for the ledger and unpacks them again.

    Attributes:
        store: Where large values go.
        threshold_bytes: Longest JSON text, in UTF-8 bytes and before compression, that stays
            inline: the measure of AWS's own limits, which does not depend on the codec.
        cache: Payloads that this process knows.
    """

    store: ObjectStore
    threshold_bytes: int
    cache: PayloadCache = field(default_factory=PayloadCache)

    def pack(self, execution_id: str, value: Json) -> bytes:
        """The form of a value that goes into a ledger column.

        A large value is in the store when this returns. It is also in the cache, as the object
        that was passed in: neither the caller nor anyone else may change it afterwards.

        Args:
            execution_id: The execution below whose prefix a large value is stored.
            value: Any JSON value.

        Raises:
            ObjectStoreUnavailable: The store did not take it.
            ValueError: It is not a JSON value.
        """
        serialized = serialize(value)
        if len(serialized) - 1 <= self.threshold_bytes:
            return _INLINE + compress(serialized)
        return _POINTER + self._offload(execution_id, value, serialized).to_bytes()

    def store_apart(self, execution_id: str, value: Json) -> bytes:
        """As ``pack``, but a small value goes to the store too, where people can find it."""
        pointer = self._offload(execution_id, value, serialize(value))
        return _POINTER + pointer.to_bytes()

    def _offload(self, execution_id: str, value: Json, serialized: bytes) -> Pointer:
        data = compress(serialized)
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"executions/{execution_id}/{sha256}"
        pointer = Pointer(key=key, sha256=sha256, size=len(data))
        if self.cache.find(pointer) is None:  # what is cached was read from there or written there
            self.store.put(key, data)
            self.cache.insert(pointer, value)
        return pointer

    def unpack(self, packed: bytes) -> Json:
        """The value that was packed; it may be shared and must not be changed.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
            ObjectMissing: The payload is not there.
            ObjectCorrupt: It is not what was stored.
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
