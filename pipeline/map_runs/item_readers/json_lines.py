"""Items from a file of JSON texts, one a line (``JSONL``)."""

from collections.abc import Iterator
from typing import IO

from pipeline.language.json_value import Json, loads
from pipeline.language.map_run_plan import ItemSource
from pipeline.map_runs.item_readers.entry import Entry
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed

MAX_LINE = 8 * 1024 * 1024
"""The limit of a line, in bytes; a state could not take an item of this size."""


def json_lines(stream: IO[bytes], _source: ItemSource) -> Iterator[Entry]:
    """The value of each line that is not empty.

    Raises:
        ExecutionError: States.ItemReaderFailed, if a line is too long or not JSON.
    """
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if text := line.strip():
            yield None, _value(text, number)


def _value(text: bytes, number: int) -> Json:
    try:
        return loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise item_reader_failed(
            f"The content of line {number} of the file is not valid JSON: {error}"
        ) from error
