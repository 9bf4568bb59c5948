"""Manifests: files that name the files with the items (``MANIFEST``, ``ManifestType``).

Amazon S3 User Guide, "Locating your inventory list"; Amazon Athena User Guide, "UNLOAD".
"""

from collections.abc import Iterator
from typing import IO, Any

from pipeline.language.json_value import loads
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed

_MAX_MANIFEST = 64 * 1024 * 1024
"""The limit of a manifest, in bytes; even an inventory of a billion objects has a shorter one."""


def inventory_files(stream: IO[bytes]) -> tuple[str, list[str], list[str]]:
    """The bucket, the keys of the CSV files and their columns from an S3 inventory's manifest.

    Raises:
        ExecutionError: States.ItemReaderFailed, if it is not such a manifest or names other files.
    """
    try:
        manifest: Any = loads(stream.read(_MAX_MANIFEST).decode("utf-8"))
        bucket = manifest["destinationBucket"].removeprefix("arn:aws:s3:::")
        columns = [column.strip() for column in manifest["fileSchema"].split(",")]
        keys = [file["key"] for file in manifest["files"]]
        file_format = manifest["fileFormat"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise item_reader_failed("The file is not a manifest of an S3 inventory.") from error
    if file_format != "CSV":
        raise item_reader_failed(
            f"The S3 inventory has files of the format {file_format}; only CSV is supported."
        )
    return bucket, keys, columns


def athena_files(stream: IO[bytes]) -> Iterator[tuple[str, str]]:
    """The bucket and key of each file of an Athena UNLOAD, whose manifest has one URI a line.

    Raises:
        ExecutionError: States.ItemReaderFailed, if a line is not the URI of an object.
    """
    for line in stream:
        uri = line.decode("utf-8", errors="replace").strip().strip('"')
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        if uri and not (uri.startswith("s3://") and bucket and key):
            raise item_reader_failed(f"The manifest holds '{uri}', which is not an S3 URI.")
        if uri:
            yield bucket, key
