"""The buckets that the contract suites run on: one in a directory, and one in S3."""

from pathlib import Path

import pytest

from pipeline.map_runs.buckets.bucket import Bucket
from pipeline.map_runs.buckets.opening import open_bucket


@pytest.fixture(params=["directory", "s3"])
def s3_directory(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """What stands for S3; None for S3 itself, to which the environment then leads."""
    if request.param == "directory":
        return tmp_path
    request.getfixturevalue("s3_bucket")
    return None


@pytest.fixture
def bucket_name(request: pytest.FixtureRequest, s3_directory: Path | None) -> str:
    """Name of a bucket that is there, and empty."""
    if s3_directory is None:
        name: str = request.getfixturevalue("s3_bucket")
        return name
    (s3_directory / "there").mkdir()
    return "there"


@pytest.fixture
def bucket(bucket_name: str, s3_directory: Path | None) -> Bucket:
    """That bucket."""
    return open_bucket(bucket_name, s3_directory)
