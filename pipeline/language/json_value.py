"""JSON values as plain Python values, and their text.

All data of the engine are JSON values: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` or
``dict`` with string keys.
"""

import json
import math
from typing import TypeAlias

import orjson

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


def dumps(value: Json) -> str:
    """The compact JSON text of a value, non-ASCII unescaped.

    orjson is ten times as fast as the standard library, but rejects integers beyond 64 bits and
    lone surrogates. Users may send both, so the standard library writes those.
    """
    return dump_bytes(value).decode()


def dump_bytes(value: Json) -> bytes:
    """The compact JSON text of a value in UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _dump_slowly(value)


def _dump_slowly(value: Json) -> bytes:
    try:
        return json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form: escape it
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def loads(text: str | bytes) -> Json:
    """The value of a JSON text.

    Raises:
        ValueError: The text is not JSON, holds NaN, Infinity or a number beyond the range of a
            float, or is nested deeper than Python's recursion limit.
    """
    try:
        value: Json = json.loads(text, parse_constant=_reject_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is beyond the range of a JSON number")
    return number


def size_in_bytes(value: Json) -> int:
    """The length of the compact JSON text in UTF-8 bytes, by which AWS measures its limits."""
    return len(dump_bytes(value))
