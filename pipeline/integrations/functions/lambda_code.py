"""The code of stored functions: zips in the object store, unpacked on the hosts of workers.

AWS Lambda Developer Guide, "Lambda quotas", gives the sizes.
"""

import hashlib
import io
import logging
import lzma
import os
import shutil
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from uuid import uuid4

from pipeline.integrations.request_errors import RejectedRequest
from pipeline.payloads.object_store import ObjectCorrupt, ObjectStore, ObjectStoreError

MAX_ZIP = 52428800
"""The limit of a zip in a request, in bytes."""

MAX_CODE = 262144000
"""The limit of all files in a zip together, in bytes."""


MAX_FILES = 100_000
"""The limit of the number of files in a zip: empty files, too, cost the host something."""

KEPT_SECONDS = 3600.0
"""How long unused code is kept: longer than any call that began with it lasts, and longer than a
sandbox waits for its next call."""

_KEYS = "functions/"
_PARTIAL = ".partial-"

log = logging.getLogger(__name__)


class UnusableCode(RejectedRequest):
    """A zip that cannot be the code of a function."""

    code = "InvalidParameterValueException"


class FunctionCode:
    """The zips of an installation by the SHA-256 of their bytes. Functions may share a zip."""

    def __init__(self, store: ObjectStore, directory: Path) -> None:
        """Write nothing yet.

        Args:
            store: Holds the zips for all workers.
            directory: The directory in which this host's workers unpack them.
        """
        self._store = store
        self._directory = directory.absolute()

    def keep(self, data: bytes) -> str:
        """Store a zip that can be unpacked, and return its SHA-256, hexadecimal.

        Raises:
            UnusableCode: The zip cannot be unpacked.
            ObjectStoreUnavailable: The store could not write it.
        """
        check_zip(data)
        sha256 = code_sha256(data)
        self._store.put(_key(sha256), data)
        return sha256

    def delete(self, sha256: str) -> None:
        """Delete a zip. Its unpacked files are deleted when other code is unpacked.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
        """
        self._store.delete(_key(sha256))

    def uri(self, sha256: str) -> str:
        """The address by which a person or another program finds a zip."""
        return self._store.uri(_key(sha256))

    def unpacked(self, sha256: str) -> Path:
        """The directory with all files of a zip on this host.

        Raises:
            ObjectStoreError: The store cannot return the zip.
        """
        directory = self._directory / sha256
        if directory.is_dir():
            os.utime(directory)  # marks it as used
            return directory
        self._directory.mkdir(parents=True, exist_ok=True)
        self._remove_old_ones()
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=self._directory))
        try:
            _extract(self._read(sha256), partial)
            partial.chmod(0o755)
            partial.rename(directory)
        except OSError:
            # If another process was faster, its directory is not empty and stays.
            if not directory.is_dir():
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return directory

    def _remove_old_ones(self) -> None:
        """Remove the directories of zips that were deleted."""
        try:
            kept = {_key_name(found.key) for found in self._store.keys(_KEYS)}
            for directory in self._directory.iterdir():
                unused = time.time() - directory.stat().st_mtime > KEPT_SECONDS
                if unused and directory.name not in kept:
                    # Rename it first, so that no process takes a half-deleted directory for a whole
                    # one.
                    shutil.rmtree(directory.rename(self._directory / f"{_PARTIAL}{uuid4().hex}"))
        except (ObjectStoreError, OSError) as error:  # another process may be deleting it, too
            log.warning("old code is not removed from this host yet: %s", error)

    def _read(self, sha256: str) -> bytes:
        data = self._store.get(_key(sha256))
        actual = hashlib.sha256(data).hexdigest()
        if actual != sha256:
            raise ObjectCorrupt(self.uri(sha256), sha256, actual)
        return data


def check_zip(data: bytes) -> None:
    """Check that a zip can be unpacked, is small enough, and writes nowhere else.

    Raises:
        UnusableCode: It does not pass; the message is Lambda's.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist())
            damaged = archive.testzip()
    except _DAMAGED as error:
        raise UnusableCode(_UNREADABLE) from error
    if damaged is not None:
        raise UnusableCode(_UNREADABLE)


_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,  # raised by bz2
    RuntimeError,  # encrypted, or compressed by an unknown method
    ValueError,
)
"""The exceptions by which ``zipfile`` and its decompressors report an unreadable zip."""


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise UnusableCode("Uploaded file must be a non-empty zip")
    # Reading an entry stops at its declared size, so the sum bounds what is written.
    if sum(entry.file_size for entry in entries) > MAX_CODE or len(entries) > MAX_FILES:
        raise UnusableCode(f"Unzipped size must be smaller than {MAX_CODE} bytes")
    if not all(_stays_inside(entry) for entry in entries):
        raise UnusableCode(_UNREADABLE)


def _stays_inside(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file or directory inside the target directory."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    mode = entry.external_attr >> 16
    return not path.is_absolute() and ".." not in path.parts and not stat.S_ISLNK(mode)


def _extract(data: bytes, directory: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            written = archive.extract(entry, directory)
            mode = stat.S_IMODE(entry.external_attr >> 16) & 0o777
            if mode and not entry.is_dir():
                os.chmod(written, mode | stat.S_IRUSR | stat.S_IWUSR)  # noqa: PTH101 - a text


def code_sha256(data: bytes) -> str:
    """The hash of a zip, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _key(sha256: str) -> str:
    return f"{_KEYS}{sha256}.zip"


def _key_name(key: str) -> str:
    """The hash in the key of a zip."""
    return PurePosixPath(key).stem
