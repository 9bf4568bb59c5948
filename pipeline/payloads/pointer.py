"""The pointer: replaces a payload that lies in the object store."""

from dataclasses import dataclass

import msgpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A reference to a payload.

    Attributes:
        key: Key in the object store; ``ObjectStore.uri`` makes the URI, so that a store may move.
        sha256: Hash of the stored bytes, hexadecimal.
        size: Number of stored bytes.
    """

    key: str
    sha256: str
    size: int

    def to_bytes(self) -> bytes:
        """The pointer in MessagePack."""
        packed: bytes = msgpack.packb((self.key, self.sha256, self.size))
        return packed

    @classmethod
    def from_bytes(cls, data: bytes) -> "Pointer":
        """The pointer that ``to_bytes`` wrote."""
        key, sha256, size = msgpack.unpackb(data)
        return cls(key=key, sha256=sha256, size=size)
