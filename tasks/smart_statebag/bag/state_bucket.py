"""The state bucket that the environment names (Contract 3.3).

``STATE_STORAGE_BUCKET`` is a bucket's name, or ``file:///directory`` for a local one whose last
part is the bucket's name. With ``STATE_STORAGE_DIR`` set, the bucket is a directory below it.
"""

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tasks.smart_statebag.bag.cache import MAX_ENTRIES, ObjectCache
from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.bag.object_store import ObjectStore
from tasks.smart_statebag.bag.s3_store import S3Store
from tasks.smart_statebag.bag.storage import ATTEMPTS, StateStorage

BUCKET = "STATE_STORAGE_BUCKET"
BUCKET_ALIASES = ("S3_BUCKET", "SKELETON_S3_BUCKET", "WORKFLOW_STATE_BUCKET")
DIRECTORY = "STATE_STORAGE_DIR"
CACHE_ENTRIES = "STATE_CACHE_ENTRIES"


def state_storage() -> StateStorage:
    """The storage of this process; its cache lives as long as the settings stay the same.

    Raises:
        MissingSetting: No variable names the bucket.
    """
    entries = os.environ.get(CACHE_ENTRIES)
    return _storage(
        bucket_setting(),
        os.environ.get(DIRECTORY) or None,
        os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
        MAX_ENTRIES if entries is None else int(entries),
    )


def bucket_setting() -> str:
    """The value of the first variable that names the bucket."""
    for name in (BUCKET, *BUCKET_ALIASES):
        if value := os.environ.get(name):
            return value
    raise MissingSetting(BUCKET, BUCKET_ALIASES)


def open_store(bucket: str, directory: str | None = None) -> ObjectStore:
    """The store behind a bucket's name, a ``file:`` address, or a name below a directory."""
    address = urlsplit(bucket)
    if address.scheme == "file":
        path = Path(unquote(address.path))
        return DirectoryStore(path.parent, path.name)
    if directory is not None:
        return DirectoryStore(Path(directory), bucket)
    return S3Store(bucket)


@lru_cache(maxsize=8)
def _storage(
    bucket: str, directory: str | None, endpoint: str | None, cache_entries: int
) -> StateStorage:
    # ``endpoint`` is part of the key: the cache of one server must not answer for another.
    return StateStorage(open_store(bucket, directory), cache=ObjectCache(max_entries=cache_entries))


def load_from_s3(
    path: str, max_retries: int = ATTEMPTS, expected_checksum: str | None = None
) -> Json:
    """The value an object holds; ``expected_checksum`` is a hexadecimal SHA-256 or MD5."""
    return state_storage().read(path, max_retries=max_retries, expected_checksum=expected_checksum)


def cached_load_from_s3(
    path: str, max_retries: int = ATTEMPTS, expected_checksum: str | None = None
) -> Json:
    """As ``load_from_s3``, through the cache of this process."""
    return state_storage().read_cached(
        path, max_retries=max_retries, expected_checksum=expected_checksum
    )
