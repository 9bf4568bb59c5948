"""The interface of an object store, which S3 and a local directory implement."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class StoreFailure(Exception):
    """One request to the store failed; the caller decides whether to try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object's bytes, and the SHA-256 that its metadata may name."""

    body: bytes
    sha256: str | None = None


class ObjectStore(Protocol):
    """One bucket. Every method raises ``StoreFailure`` and nothing else."""

    @property
    def bucket(self) -> str:
        """The bucket's name, as pointers spell it."""
        ...

    def get(self, key: str) -> StoredObject:
        """The object; a missing one is a failure."""
        ...

    def put(self, key: str, body: bytes, *, sha256: str | None = None) -> None:
        """Write a JSON object whole or not at all, with its hash as metadata if one is given."""
        ...

    def list_keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a prefix, in ascending order of their UTF-8 bytes."""
        ...
