"""The object store: named bytes outside the ledger, behind one small interface."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as a listing shows it; ``size`` is in bytes."""

    key: str
    size: int


class ObjectStore(Protocol):
    """Named bytes: S3, or a local directory.

    A key is a relative path with ``/`` between its parts (see ``check_key``), and no key is the
    parent path of another: a directory cannot hold both ``a`` and ``a/b``. Objects appear whole or
    not at all, and a second ``put`` of a key replaces the first.
    """

    def put(self, key: str, data: bytes) -> None:
        """Store an object; when this returns, every process can read it.

        Raises:
            ObjectStoreUnavailable: The store could not write it.
        """

    def get(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            ObjectMissing: There is no such object.
            ObjectStoreUnavailable: The store did not answer.
        """

    def delete(self, key: str) -> None:
        """Delete an object, if there is one of this key.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
        """

    def keys(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose key begins with the text ``prefix``, in no particular order.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
        """

    def uri(self, key: str) -> str:
        """The address by which a person or another program finds the object."""


class ObjectStoreError(Exception):
    """Something went wrong with the object at ``uri``."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(uri, reason)
        self.uri = uri
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.uri}: {self.reason}"


class ObjectStoreUnavailable(ObjectStoreError):
    """The store could not be used; the same call may succeed when it is repeated later."""


class ObjectMissing(ObjectStoreError):
    """The store answered that it has no such object; repeating the call does not help."""

    def __init__(self, uri: str, reason: str = "the object does not exist") -> None:
        super().__init__(uri, reason)


class ObjectCorrupt(ObjectStoreError):
    """The object's bytes do not have the hash in its pointer.

    Attributes:
        expected: SHA-256 in the pointer, hexadecimal.
        actual: SHA-256 of the bytes read, hexadecimal.
    """

    def __init__(self, uri: str, expected: str, actual: str) -> None:
        super().__init__(uri, f"the object has SHA-256 {actual} instead of {expected}")
        self.args = (uri, expected, actual)  # the arguments with which pickle calls the class
        self.expected = expected
        self.actual = actual


def check_key(key: str) -> None:
    """Check that every store can hold a key safely.

    Raises:
        ValueError: A part is empty, ``.`` or ``..``, the key begins with a dot (such names are
            the directory store's own), or it holds a control character.
    """
    walks = any(part in {"", ".", ".."} for part in key.split("/"))
    if walks or key.startswith(".") or any(character < " " for character in key):
        raise ValueError(f"{key!r} cannot be the key of an object")
