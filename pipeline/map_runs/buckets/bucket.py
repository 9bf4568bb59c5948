"""The interface of a bucket, in S3 or in a directory, that ItemReader and ResultWriter need."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BufferedReader
from typing import IO, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object as a listing shows it.

    Attributes:
        etag: In double quotes, like S3's.
        last_modified: Whole seconds since the epoch.
        size: In bytes.
    """

    key: str
    etag: str
    last_modified: int
    size: int
    storage_class: str = "STANDARD"


class Bucket(Protocol):
    """Named bytes that belong to the user, not to the engine."""

    def get(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            BucketError: There is no such object, or the store did not answer.
        """

    def open(
        self, key: str, version_id: str | None = None
    ) -> AbstractContextManager[BufferedReader]:
        """An object as a stream, for as long as the block lasts.

        Args:
            key: Its key.
            version_id: The version; None for the latest.

        Raises:
            BucketError: There is no such object, or the store did not answer. May also be raised
                within the block, when the store stops answering.
        """

    def objects(self, prefix: str) -> Iterator[ListedObject]:
        """The objects whose key begins with ``prefix``, in S3's order: by the bytes of the key.

        Raises:
            BucketError: There is no such bucket, or the store did not answer.
        """

    def put(self, key: str, data: bytes) -> None:
        """Store an object, replacing one of the same key.

        Raises:
            BucketError: The store did not take it.
        """

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """Like ``put``, with the bytes of a file of any length, from its beginning.

        Raises:
            BucketError: The store did not take it.
        """


class BucketError(Exception):
    """S3, or its replacement, rejected a request; ``message`` is in AWS's words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def s3_error(message: str, *, status: int, code: str, request_id: str = "local") -> BucketError:
    """An error of S3, in the form in which Step Functions quotes it."""
    return BucketError(
        f"{message} (Service: Amazon S3; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {request_id})"
    )
