"""An object store in a local directory."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.payloads.object_store import (
    ObjectMissing,
    ObjectStoreUnavailable,
    StoredObject,
    check_key,
)

_PARTIAL = ".partial"
"""Directory of unfinished files: on the root's file system, and outside every key."""


class DirectoryStore:
    """Objects as files below ``root``, the key being the relative path.

    A file is written under another name and then renamed, so a reader never sees half of it.
    """

    def __init__(self, root: Path) -> None:
        """Make the directory if it does not exist.

        Raises:
            ObjectStoreUnavailable: It cannot be made.
        """
        self._root = root.absolute()
        self._partial = self._root / _PARTIAL
        with _failing_as_unavailable(self._root.as_uri()):
            self._partial.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """See ``ObjectStore.put``."""
        path = self._path(key)
        with _failing_as_unavailable(path.as_uri()):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = self._write_partial(data)
            try:
                partial.replace(path)
            except OSError:
                partial.unlink()
                raise
            _sync_directory(path.parent)

    def _write_partial(self, data: bytes) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self._partial)
        partial = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                # The ledger will point to this file, and its rows survive a power cut; so must the
                # file.
                os.fsync(descriptor)
        except OSError:
            partial.unlink()
            raise
        return partial

    def get(self, key: str) -> bytes:
        """See ``ObjectStore.get``."""
        path = self._path(key)
        with _failing_as_unavailable(path.as_uri()):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                # If the root is unmounted or moved, the object may still exist.
                if self._partial.is_dir():
                    raise ObjectMissing(path.as_uri()) from None
                raise

    def delete(self, key: str) -> None:
        """See ``ObjectStore.delete``."""
        path = self._path(key)
        with _failing_as_unavailable(path.as_uri()):
            if not self._partial.is_dir():
                raise FileNotFoundError(f"{self._partial} does not exist")
            path.unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[StoredObject]:
        """See ``ObjectStore.keys``."""
        directory, _, _ = prefix.rpartition("/")
        if directory:
            check_key(directory)
        with _failing_as_unavailable(self._root.as_uri()):
            if not self._partial.is_dir():
                raise FileNotFoundError(f"{self._partial} does not exist")
            for path in (self._root / directory).rglob("*"):
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and not key.startswith(".") and path.is_file():
                    yield StoredObject(key=key, size=path.stat().st_size)

    def uri(self, key: str) -> str:
        """The object's ``file:`` URI."""
        return self._path(key).as_uri()

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / key


@contextmanager
def _failing_as_unavailable(uri: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ObjectStoreUnavailable(uri, str(error)) from error


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut: the name is stored in the directory, not in the file."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
