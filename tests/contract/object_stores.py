"""The object stores that the contract suite runs on, each empty, and each broken."""

import shutil
from pathlib import Path

import pytest

from pipeline.payloads.object_store import ObjectStore
from pipeline.payloads.opening import open_object_store


@pytest.fixture(params=["directory", "s3", "s3 below a prefix"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What a setting would say to name an empty store."""
    if request.param == "directory":
        return (tmp_path / "objects").as_uri()
    bucket = request.getfixturevalue("s3_bucket")
    return f"s3://{bucket}/some/prefix" if "prefix" in request.param else f"s3://{bucket}"


@pytest.fixture
def store(store_url: str) -> ObjectStore:
    """An empty store."""
    return open_object_store(store_url)


@pytest.fixture(params=["file in place of the directory", "no bucket", "no server"])
def broken_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ObjectStore:
    """A store that was named rightly but cannot be used."""
    if request.param in {"no bucket", "no server"}:
        request.getfixturevalue("s3_bucket")
        if request.param == "no server":
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
            monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        return open_object_store("s3://bucket-that-nobody-made")
    root = tmp_path / "objects"
    store = open_object_store(str(root))
    shutil.rmtree(root)
    root.write_bytes(b"in its place")
    return store
