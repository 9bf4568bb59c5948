"""Objects as plain files below a directory, so that a person can read them."""

import os
import uuid
from collections.abc import Iterator
from hashlib import sha256 as sha256_of
from pathlib import Path

from tasks.smart_statebag.bag.object_store import StoredObject, StoreFailure

HASHES = ".sha256"
"""Directory, beside the objects, of the hashes that S3 would keep as metadata."""
TEMPORARY = ".tmp-"


class DirectoryStore:
    """One bucket: the directory ``{root}/{bucket}``, one file for each key.

    A file is replaced whole. A fixed name's hash lies in a second file; it names the new and the
    previous hash, and is written first, so that no crash leaves an object without its hash.
    """

    def __init__(self, root: Path, bucket: str) -> None:
        self.bucket = bucket
        self._directory = root / bucket

    def get(self, key: str) -> StoredObject:
        path = self._path(key)
        try:
            body = path.read_bytes()
            known = self._hashes(key)
        except OSError as error:
            raise StoreFailure(f"{type(error).__name__}: {error.strerror}") from error
        actual = sha256_of(body).hexdigest()
        return StoredObject(
            body=body, sha256=actual if actual in known else next(iter(known), None)
        )

    def put(self, key: str, body: bytes, *, sha256: str | None = None) -> None:
        path = self._path(key)
        try:
            if sha256:
                previous = [known for known in self._hashes(key)[:1] if known != sha256]
                _replace(self._hash_path(key), "\n".join([sha256, *previous]).encode())
            _replace(path, body)
        except OSError as error:
            raise StoreFailure(f"{type(error).__name__}: {error.strerror}") from error

    def list_keys(self, prefix: str) -> Iterator[str]:
        # Only the directory the prefix ends in is walked, not the whole bucket.
        start = self._directory / prefix.rpartition("/")[0]
        keys = []
        for directory, names, files in os.walk(start):
            names[:] = [name for name in names if name != HASHES]
            below = Path(directory).relative_to(self._directory).as_posix()
            stem = "" if below == "." else f"{below}/"
            keys += [f"{stem}{name}" for name in files if not name.startswith(TEMPORARY)]
        yield from sorted((key for key in keys if key.startswith(prefix)), key=str.encode)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..", HASHES) or "\0" in part for part in parts):
            raise StoreFailure(f"{key!r} cannot be the name of a file")
        return self._directory.joinpath(*parts)

    def _hash_path(self, key: str) -> Path:
        return self._directory / HASHES / key

    def _hashes(self, key: str) -> list[str]:
        path = self._hash_path(key)
        return path.read_text(encoding="ascii").split() if path.exists() else []


def _replace(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(body)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
