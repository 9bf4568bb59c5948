"""The functions that Step Functions adds to JSONata.

AWS: "Transforming data with JSONata", "JSONata functions provided by Step Functions". An undefined
argument is None. Numbers that must be integers are rounded down.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jsonata.jexception import JException

from pipeline.language.json_value import loads
from pipeline.language.query.jsonata_bounds import MAX_VALUES
from pipeline.language.query.jsonata_failure import SEQUENCE_TOO_LONG, failure
from pipeline.language.query.jsonata_text import shown
from pipeline.language.query.jsonata_values import from_json

_CUSTOM = "D3137"
_ALGORITHMS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "MD5": hashlib.md5,
        "SHA-1": hashlib.sha1,
        "SHA-256": hashlib.sha256,
        "SHA-384": hashlib.sha384,
        "SHA-512": hashlib.sha512,
    }
)


def partition(items: list[Any] | None, size: float | None) -> list[list[Any]] | None:
    """``$partition(array, size)``: the array in chunks."""
    if items is None or size is None:
        return None
    length = math.floor(size)
    if length < 1:
        raise _rejected("second", "partition", "must be positive", size)
    return [items[start : start + length] for start in range(0, len(items), length)]


def span(first: float | None, last: float | None, step: float | None) -> list[int] | None:
    """``$range(first, last, step)``; includes the last value if a step reaches it."""
    if first is None or last is None or step is None:
        return None
    start, end, stride = math.floor(first), math.floor(last), math.floor(step)
    if stride == 0:
        raise _rejected("third", "range", "must not be zero", step)
    values = range(start, end + (1 if stride > 0 else -1), stride)
    if len(values) > MAX_VALUES:
        raise failure(SEQUENCE_TOO_LONG, MAX_VALUES)
    return list(values)


def digest(data: str | None, algorithm: str | None) -> str | None:
    """``$hash(text, algorithm)``: hexadecimal."""
    if data is None or algorithm is None:
        return None
    make = _ALGORITHMS.get(algorithm)
    if make is None:
        names = ", ".join(_ALGORITHMS)
        raise _rejected("second", "hash", f"must be one of {names}", algorithm)
    return str(make(data.encode(), usedforsecurity=False).hexdigest())


def parse(text: str | None) -> Any:
    """``$parse(text)``: the value of a JSON text."""
    if text is None:
        return None
    try:
        return from_json(loads(text))
    except ValueError as error:
        raise _rejected("first", "parse", "must be a JSON text", text) from error


_MULTIPLIER = 0x5DEECE66D
_STATE = (1 << 48) - 1
"""Of Java's linear congruential generator (``java.util.Random``)."""


def seeded_random(seed: float) -> float:
    """``$random(seed)``: the first ``nextDouble`` of a Java Random of that seed."""
    state = (math.floor(seed) ^ _MULTIPLIER) & _STATE
    bits = []
    for count in (26, 27):
        state = (state * _MULTIPLIER + 0xB) & _STATE
        bits.append(state >> (48 - count))
    return float(((bits[0] << 27) + bits[1]) * 2.0**-53)


def _rejected(argument: str, function: str, rule: str, value: object) -> JException:
    sentence = f"The {argument} argument of the function ${function} {rule}; got: {shown(value)}"
    return failure(_CUSTOM, sentence)
