"""A bucket as ItemReader and ResultWriter need it, in S3 or in a directory."""

from pathlib import Path
from typing import Protocol


class Bucket(Protocol):
    """Named bytes that belong to the user, not to the engine."""

    def get(self, key: str) -> bytes:
        """The bytes of an object.

        Raises:
            BucketError: There is no such object, or the store did not answer.
        """

    def put(self, key: str, data: bytes) -> None:
        """Store an object, replacing one of the same key.

        Raises:
            BucketError: The store did not take it.
        """


class BucketError(Exception):
    """S3, or what stands for it, refused a request; ``message`` is worded as AWS words it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def refusal(message: str, *, status: int, code: str, request_id: str = "local") -> BucketError:
    """What S3 answers, in the form in which Step Functions quotes it."""
    return BucketError(
        f"{message} (Service: Amazon S3; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {request_id})"
    )


def open_bucket(name: str, directory: Path | None) -> Bucket:
    """The bucket of that name.

    Args:
        name: As the state machine spells it.
        directory: The directory whose subdirectories are the buckets, or None for S3.

    Raises:
        BucketError: The name could not be that of a bucket.
    """
    # Imported here because both modules need this one, and only users of S3 should pay for boto3.
    from pipeline.buckets.directory import DirectoryBucket  # noqa: PLC0415
    from pipeline.buckets.s3 import S3Bucket  # noqa: PLC0415

    return S3Bucket(name) if directory is None else DirectoryBucket(directory, name)
