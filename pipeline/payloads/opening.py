"""Opening the object store that the settings name."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.payloads.directory import DirectoryStore
from pipeline.payloads.object_store import ObjectStore


def open_object_store(url: str) -> ObjectStore:
    """The object store that a setting names.

    Args:
        url: ``s3://bucket``, ``s3://bucket/prefix``, ``file:///path``, or a plain path.

    Raises:
        ValueError: It names no store.
        ObjectStoreUnavailable: The directory cannot be made.
    """
    scheme, separator, rest = url.partition("://")
    if not separator and url:
        return DirectoryStore(Path(url).expanduser())
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        if bucket:
            from pipeline.payloads.s3 import S3Store  # noqa: PLC0415 - boto3 loads slowly

            return S3Store(bucket=bucket, prefix=prefix.strip("/"))
    elif scheme == "file":
        parsed = urlsplit(url)
        if parsed.netloc in {"", "localhost"} and parsed.path:
            return DirectoryStore(Path(unquote(parsed.path)))
    raise ValueError(
        f"{url!r} names no object store: use s3://bucket/prefix, file:///path or a path"
    )
