"""Opening a bucket that a state machine names."""

from pathlib import Path

from pipeline.map_runs.buckets.bucket import Bucket
from pipeline.map_runs.buckets.directory import DirectoryBucket


def open_bucket(name: str, directory: Path | None, owner: str | None = None) -> Bucket:
    """The bucket of that name.

    Args:
        name: The name in the state machine.
        directory: The directory whose subdirectories are the buckets, or None for S3.
        owner: The account that must own it, which only S3 can check; None for any.

    Raises:
        BucketError: The text cannot be the name of a bucket.
    """
    if directory is not None:
        return DirectoryBucket(directory, name)
    from pipeline.map_runs.buckets.s3 import S3Bucket  # noqa: PLC0415 - boto3 loads slowly

    return S3Bucket(name, owner)
