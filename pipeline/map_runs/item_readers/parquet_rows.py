"""Items from a Parquet file: an object for each row (``PARQUET``).

pyarrow reads it; because of its size it is an optional dependency.
"""

import math
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import ItemSource
from pipeline.map_runs.item_readers.entry import Entry
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed

_MISSING = (
    "Reading Parquet files needs the package pyarrow: install statebag with the extra 'parquet'."
)

_ROWS = 500
"""How many rows are in memory at a time, besides their row group."""


def parquet_rows(stream: IO[bytes], _source: ItemSource) -> Iterator[Entry]:
    """The rows.

    Raises:
        ExecutionError: States.ItemReaderFailed, if it is not Parquet or pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError as error:
        raise item_reader_failed(_MISSING) from error
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)  # a Parquet file is read from its end
        try:
            for batch in ParquetFile(file).iter_batches(batch_size=_ROWS):
                for row in batch.to_pylist():
                    yield None, _json(row)
        except (ArrowException, OverflowError) as error:
            raise item_reader_failed(f"The file is not valid Parquet: {error}") from error


_CONVERSIONS: Mapping[type, Callable[[Any], Json]] = {
    bytes: lambda value: b64encode(value).decode(),
    date: date.isoformat,
    datetime: datetime.isoformat,
    Decimal: float,
    float: lambda value: value if math.isfinite(value) else None,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
}
"""The conversion of values that JSON does not have, by their type."""


def _json(value: Any) -> Json:
    match value:
        case dict():
            return {str(key): _json(member) for key, member in value.items()}
        case list() | tuple():
            return [_json(element) for element in value]
    convert = _CONVERSIONS.get(type(value))
    if convert is not None:
        return convert(value)
    plain: Json = value if isinstance(value, int | str | None) else str(value)
    return plain
