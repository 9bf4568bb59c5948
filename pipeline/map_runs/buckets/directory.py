"""A bucket that is a directory: ``<root>/<bucket>/<key>``."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO
from uuid import uuid4

from pipeline.map_runs.buckets.bucket import BucketError, ListedObject, s3_error

_PARTIAL = ".tmp-"
"""The prefix of unfinished files' names, which no listing shows."""


class DirectoryBucket:
    """Objects as plain files, so that a person can read them."""

    def __init__(self, root: Path, name: str) -> None:
        """Name the bucket. The first ``put`` creates its directory.

        Raises:
            BucketError: The text cannot be the name of a bucket.
        """
        if "/" in name or name in {"", ".", ".."}:
            raise s3_error(
                "The specified bucket is not valid.", status=400, code="InvalidBucketName"
            )
        self._directory = root / name

    def get(self, key: str) -> bytes:
        """See ``Bucket.get``."""
        with self.open(key) as stream:
            return stream.read()

    @contextmanager
    def open(self, key: str, version_id: str | None = None) -> Iterator[BufferedReader]:
        """See ``Bucket.open``."""
        if version_id is not None:
            raise s3_error("Invalid version id specified", status=400, code="InvalidArgument")
        path = self._path(key)
        with _as_bucket_errors(key):
            try:
                stream = path.open("rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise self._missing() from None
        with stream, _as_bucket_errors(key):
            yield stream

    def objects(self, prefix: str) -> Iterator[ListedObject]:
        """See ``Bucket.objects``; only one directory and its parents are in memory at a time."""
        if not self._directory.is_dir():
            raise self._missing()
        with _as_bucket_errors(prefix):
            yield from self._below(self._directory, "", prefix)

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""
        self.put_file(key, BytesIO(data))

    def put_file(self, key: str, file: IO[bytes]) -> None:
        """See ``Bucket.put_file``."""
        path = self._path(key)
        with _as_bucket_errors(key):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"{_PARTIAL}{uuid4().hex}")
            try:
                with partial.open("wb") as target:
                    file.seek(0)
                    shutil.copyfileobj(file, target)
                    target.flush()
                    os.fsync(target.fileno())
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)

    def _below(self, directory: Path, parents: str, prefix: str) -> Iterator[ListedObject]:
        for name in _names(directory):
            key = parents + name
            if name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._below(directory / name, key, prefix)
            elif key.startswith(prefix):
                yield _listed(key, directory / name)

    def _path(self, key: str) -> Path:
        if any(part in {"", ".", ".."} for part in key.split("/")) or "\0" in key:
            raise self._missing()
        return self._directory / key

    def _missing(self) -> BucketError:
        if not self._directory.is_dir():
            return s3_error("The specified bucket does not exist", status=404, code="NoSuchBucket")
        return s3_error("The specified key does not exist.", status=404, code="NoSuchKey")


def _names(directory: Path) -> list[str]:
    """The names in a directory in S3's order; those of directories end with a slash."""
    with os.scandir(directory) as found:
        # A directory sorts like its keys, all of which continue with a slash.
        names = [f"{entry.name}/" if entry.is_dir() else entry.name for entry in found]
    finished = (name for name in names if not name.startswith(_PARTIAL))
    return sorted(finished, key=os.fsencode)


def _listed(key: str, path: Path) -> ListedObject:
    status = path.stat()
    # S3 makes the tag from the content, which a listing should not have to read.
    tag = hashlib.md5(
        f"{key}:{status.st_size}:{status.st_mtime_ns}".encode(errors="surrogateescape"),
        usedforsecurity=False,
    ).hexdigest()
    return ListedObject(
        key=key, etag=f'"{tag}"', last_modified=int(status.st_mtime), size=status.st_size
    )


@contextmanager
def _as_bucket_errors(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise s3_error(f"{key}: {error.strerror}", status=500, code="InternalError") from error
