"""Reading the items that an ItemReader names, whatever form they have."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from pipeline.buckets.bucket import BucketError, open_bucket
from pipeline.item_readers.json_array import json_array
from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.outcomes import ItemSource

READERS: Mapping[str, Callable[[bytes], Iterator[Json]]] = {"JSON": json_array}
"""What reads the items out of an object, by ReaderConfig's InputType."""


def read_items(source: ItemSource, s3_directory: Path | None) -> Iterator[Json]:
    """The items, at most as many as MaxItems says.

    Args:
        source: The reader, its parameters evaluated.
        s3_directory: What stands for S3, or None for S3 itself.

    Raises:
        ExecutionError: States.ItemReaderFailed.
    """
    bucket, key = _text(source, "Bucket"), _text(source, "Key")
    try:
        content = open_bucket(bucket, s3_directory).get(key)
    except BucketError as error:
        raise ExecutionError(ITEM_READER_FAILED, error.message) from error
    return islice(READERS[source.input_type](content), source.max_items)


def _text(source: ItemSource, name: str) -> str:
    value = source.arguments.get(name)
    if not isinstance(value, str):
        raise ExecutionError(
            ITEM_READER_FAILED, f'The value for the field "{name}" must be a STRING'
        )
    return value
