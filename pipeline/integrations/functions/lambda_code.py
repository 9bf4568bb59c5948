"""The code of stored functions: zips in the object store, unpacked where a worker runs them.

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
"""Bytes of a zip that a request may carry."""

MAX_CODE = 262144000
"""Bytes of the files in a zip, all together."""


MAX_FILES = 100_000
"""Files in a zip: empty ones have no size, but each costs the host something."""

KEPT_SECONDS = 3600.0
"""How long code is kept that no function is made of: longer than a call that has begun with it, or
a sandbox that waits for another one."""

_KEYS = "functions/"
_PARTIAL = ".partial-"

log = logging.getLogger(__name__)


class UnusableCode(RejectedRequest):
    """A zip that no function can be made of."""

    code = "InvalidParameterValueException"


class FunctionCode:
    """The zips of an installation, each by the SHA-256 of its bytes: functions may share one."""

    def __init__(self, store: ObjectStore, directory: Path) -> None:
        """Nothing is written yet.

        Args:
            store: Where the zips are, for all workers.
            directory: Where this host's workers unpack them.
        """
        self._store = store
        self._directory = directory.absolute()

    def keep(self, data: bytes) -> str:
        """Store a zip that can be unpacked, and return its SHA-256, hexadecimal.

        Raises:
            UnusableCode: It cannot.
            ObjectStoreUnavailable: The store did not take it.
        """
        check_zip(data)
        sha256 = code_sha256(data)
        self._store.put(_key(sha256), data)
        return sha256

    def delete(self, sha256: str) -> None:
        """Delete a zip; what was unpacked of it goes when other code is unpacked.

        Raises:
            ObjectStoreUnavailable: The store did not answer.
        """
        self._store.delete(_key(sha256))

    def uri(self, sha256: str) -> str:
        """Where a zip is, as a person or another program would name it."""
        return self._store.uri(_key(sha256))

    def unpacked(self, sha256: str) -> Path:
        """The directory of a zip's files on this host, whole.

        Raises:
            ObjectStoreError: The zip cannot be had.
        """
        directory = self._directory / sha256
        if directory.is_dir():
            os.utime(directory)  # that it is used
            return directory
        self._directory.mkdir(parents=True, exist_ok=True)
        self._remove_old_ones()
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=self._directory))
        try:
            _extract(self._read(sha256), partial)
            partial.chmod(0o755)
            partial.rename(directory)
        except OSError:
            # Another process may have been quicker: its directory is not empty and stays.
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
                    # Renamed first, so that nobody takes half of it for the whole.
                    shutil.rmtree(directory.rename(self._directory / f"{_PARTIAL}{uuid4().hex}"))
        except (ObjectStoreError, OSError) as error:  # another process may be at it, too
            log.warning("old code is not removed from this host yet: %s", error)

    def _read(self, sha256: str) -> bytes:
        data = self._store.get(_key(sha256))
        actual = hashlib.sha256(data).hexdigest()
        if actual != sha256:
            raise ObjectCorrupt(self.uri(sha256), sha256, actual)
        return data


def check_zip(data: bytes) -> None:
    """Reject a zip that cannot be unpacked, is too large, or would write elsewhere.

    Raises:
        UnusableCode: With Lambda's message.
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
    OSError,  # what bz2 raises
    RuntimeError,  # encrypted, or compressed in a way that it does not know
    ValueError,
)
"""The ways of ``zipfile`` and of what it uses to say that a zip cannot be read."""


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise UnusableCode("Uploaded file must be a non-empty zip")
    # Reading an entry ends at the size that it declares, so the sum bounds what is written.
    if sum(entry.file_size for entry in entries) > MAX_CODE or len(entries) > MAX_FILES:
        raise UnusableCode(f"Unzipped size must be smaller than {MAX_CODE} bytes")
    if not all(_stays_inside(entry) for entry in entries):
        raise UnusableCode(_UNREADABLE)


def _stays_inside(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file or directory below the place where it is unpacked."""
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
    """The hash in a zip's key."""
    return PurePosixPath(key).stem
