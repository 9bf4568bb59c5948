"""Reading the items that an ItemReader names, in any format."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import IO

from pipeline.interpreter.item import Item
from pipeline.language.json_value import JsonObject
from pipeline.language.map_run_plan import ItemSource
from pipeline.language.states.item_reader import GET_OBJECT, LIST_OBJECTS
from pipeline.map_runs.buckets.bucket import Bucket, BucketError, ListedObject
from pipeline.map_runs.buckets.opening import open_bucket
from pipeline.map_runs.item_readers.csv_rows import csv_objects, csv_rows
from pipeline.map_runs.item_readers.entry import Entry
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed
from pipeline.map_runs.item_readers.json_document import json_document
from pipeline.map_runs.item_readers.json_lines import json_lines
from pipeline.map_runs.item_readers.manifests import athena_files, inventory_files
from pipeline.map_runs.item_readers.parquet_rows import parquet_rows
from pipeline.map_runs.item_readers.plain_content import DAMAGED, plain_content

FORMATS: Mapping[str, Callable[[IO[bytes], ItemSource], Iterator[Entry]]] = {
    "CSV": csv_rows,
    "JSON": json_document,
    "JSONL": json_lines,
    "PARQUET": parquet_rows,
}
"""The reader of an object's items, by ReaderConfig's InputType."""


def read_items(source: ItemSource, s3_directory: Path | None) -> Iterator[Item]:
    """The items, at most MaxItems, with one item in memory at a time.

    Args:
        source: The reader with its evaluated parameters.
        s3_directory: The directory that replaces S3, or None for S3.

    Raises:
        ExecutionError: States.ItemReaderFailed.
    """
    if source.max_items < 0:
        raise item_reader_failed("field MaxItems must be positive")
    reading = _Reading(source=source, s3_directory=s3_directory)
    try:
        yield from islice(_WAYS[source.resource](reading), source.max_items)
    except BucketError as error:
        raise item_reader_failed(error.message) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One ItemReader, and access to its buckets."""

    source: ItemSource
    s3_directory: Path | None

    def named_bucket(self) -> tuple[str, Bucket]:
        """The bucket that the reader itself names."""
        name = self.text("Bucket")
        owner = self.optional_text("ExpectedBucketOwner")
        return name, open_bucket(name, self.s3_directory, owner)

    def bucket(self, name: str) -> Bucket:
        """A bucket that a manifest names."""
        return open_bucket(name, self.s3_directory)

    def optional_text(self, name: str) -> str | None:
        """An optional parameter, which must be a text."""
        return self.text(name) if name in self.source.arguments else None

    def text(self, name: str) -> str:
        """A required parameter, which must be a text."""
        value = self.source.arguments.get(name)
        if not isinstance(value, str):
            raise item_reader_failed(f'The value for the field "{name}" must be a STRING')
        return value


def _objects(reading: _Reading) -> Iterator[Item]:
    """The objects of a bucket, or their items if Transformation is LOAD_AND_FLATTEN."""
    name, bucket = reading.named_bucket()
    for listed in bucket.objects(reading.optional_text("Prefix") or ""):
        if reading.source.transformation != "LOAD_AND_FLATTEN":
            yield Item(value=_described(listed), source=f"s3://{name}")
        elif not (listed.key.endswith("/") and listed.size == 0):  # a folder of S3's console
            with _opened(bucket, listed.key) as stream:
                yield from _items(stream, name, listed.key, reading.source)


def _object(reading: _Reading) -> Iterator[Item]:
    """The items in one object; for a manifest, those in the objects that it names."""
    name, bucket = reading.named_bucket()
    key = reading.text("Key")
    with _opened(bucket, key, reading.optional_text("VersionId")) as stream:
        if reading.source.manifest_type is not None:
            yield from _MANIFESTS[reading.source.manifest_type](reading, stream)
        else:
            yield from _items(stream, name, key, reading.source)


_WAYS: Mapping[str, Callable[[_Reading], Iterator[Item]]] = {
    GET_OBJECT: _object,
    LIST_OBJECTS: _objects,
}


def _inventory(reading: _Reading, manifest: BufferedReader) -> Iterator[Item]:
    bucket, keys, columns = inventory_files(manifest)
    for key in keys:
        with _opened(reading.bucket(bucket), key) as stream:
            for row in csv_objects(stream, columns):
                yield Item(value=row, source=f"s3://{bucket}/{key}")


def _athena(reading: _Reading, manifest: BufferedReader) -> Iterator[Item]:
    for bucket, key in athena_files(manifest):
        with _opened(reading.bucket(bucket), key) as stream:
            yield from _items(stream, bucket, key, reading.source)


_MANIFESTS: Mapping[str, Callable[[_Reading, BufferedReader], Iterator[Item]]] = {
    "ATHENA_DATA": _athena,
    "S3_INVENTORY": _inventory,
}


def _items(stream: BufferedReader, bucket: str, key: str, source: ItemSource) -> Iterator[Item]:
    read, uri = FORMATS[source.input_type or "JSON"], f"s3://{bucket}/{key}"
    for entry_key, value in read(stream, source):
        yield Item(value=value, key=entry_key, source=uri)


@contextmanager
def _opened(bucket: Bucket, key: str, version_id: str | None = None) -> Iterator[BufferedReader]:
    """The plain content of an object."""
    with bucket.open(key, version_id) as stream:
        try:
            yield plain_content(stream)
        except DAMAGED as error:
            raise item_reader_failed(f"The file {key} cannot be decompressed: {error}") from error


def _described(listed: ListedObject) -> JsonObject:
    """An object of a listing, in Step Functions' spelling."""
    return {
        "Etag": listed.etag,
        "LastModified": listed.last_modified,
        "Key": listed.key,
        "Size": listed.size,
        "StorageClass": listed.storage_class,
    }
