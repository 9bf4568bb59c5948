"""Items from a CSV file: an object for each row, all of whose values are strings (``CSV``).

AWS Step Functions Developer Guide, "ItemReader (Map)": a quoted field may hold delimiters and line
breaks, a doubled quote stands for one, and a backslash escapes the character behind it and is
dropped. A missing field of a row is empty; fields beyond the headers are dropped.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from pipeline.language.json_value import JsonObject
from pipeline.language.map_run_plan import ItemSource
from pipeline.map_runs.item_readers.entry import Entry
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed
from pipeline.map_runs.item_readers.java_hash_order import in_hash_order

DELIMITERS: Mapping[str, str] = {
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "SPACE": " ",
    "TAB": "\t",
}
"""Delimiters by ReaderConfig's CSVDelimiter."""


def csv_rows(stream: IO[bytes], source: ItemSource) -> Iterator[Entry]:
    """The rows as objects, named by the given headers or, without any, by the first row."""
    for row in csv_objects(stream, source.csv_headers, DELIMITERS[source.csv_delimiter]):
        yield None, row


def csv_objects(
    stream: IO[bytes], headers: Sequence[str] | None, delimiter: str = ","
) -> Iterator[JsonObject]:
    """The rows as objects.

    Args:
        stream: The file.
        headers: Names of the fields; None if the first row holds them.
        delimiter: The separator of the fields of a row.

    Raises:
        ExecutionError: States.ItemReaderFailed, if it is not CSV in UTF-8.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    rows = csv.reader(text, delimiter=delimiter, escapechar="\\")
    try:
        names = next(rows, []) if headers is None else headers
        order = in_hash_order(names)
        for row in filter(None, rows):
            yield _object(names, order, row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise item_reader_failed(f"The content of the file is not valid CSV: {error}") from error
    finally:
        text.detach()  # the caller closes the stream


def _object(names: Sequence[str], order: Sequence[str], row: Sequence[str]) -> JsonObject:
    fields: JsonObject = dict.fromkeys(order, "")
    fields.update(zip(names, row, strict=False))
    return fields
