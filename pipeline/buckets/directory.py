"""A bucket that is a directory: ``<root>/<bucket>/<key>``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pipeline.buckets.bucket import BucketError, refusal

_PARTIAL = ".tmp-"
"""Beginning of the names of files being written, which no listing of the state bucket shows."""


class DirectoryBucket:
    """Objects as plain files, so that a person can read them."""

    def __init__(self, root: Path, name: str) -> None:
        """Name the bucket; its directory is made by the first ``put``.

        Raises:
            BucketError: The name could not be that of a bucket.
        """
        if "/" in name or name in {"", ".", ".."}:
            raise refusal(
                "The specified bucket is not valid.", status=400, code="InvalidBucketName"
            )
        self._directory = root / name

    def get(self, key: str) -> bytes:
        """See ``Bucket.get``."""
        path = self._path(key)
        with _refused(key):
            try:
                return path.read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise self._missing() from None

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""
        path = self._path(key)
        with _refused(key):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"{_PARTIAL}{uuid4().hex}")
            try:
                with partial.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if any(part in {"", ".", ".."} for part in key.split("/")) or "\0" in key:
            raise self._missing()
        return self._directory / key

    def _missing(self) -> BucketError:
        if not self._directory.is_dir():
            return refusal("The specified bucket does not exist", status=404, code="NoSuchBucket")
        return refusal("The specified key does not exist.", status=404, code="NoSuchKey")


@contextmanager
def _refused(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refusal(f"{key}: {error.strerror}", status=500, code="InternalError") from error
