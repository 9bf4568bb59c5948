"""JSON text in JavaScript's form, for ``$string``, ``&`` and the values in error messages."""

import json
import math
from collections.abc import Iterator
from typing import Any

from jsonata.parser import Parser

from pipeline.language.query.jsonata_values import NULL, plain_digits

MAX_SHOWN = 1000
"""The longest value in an error message, in characters."""

_INDENT = "  "


def number_text(value: float) -> str:
    """A number in the form of JavaScript's ``String``: ``2``, ``0.1``, ``1e+21``, ``1.5e-7``."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**21 else number_text(float(value))
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return plain_digits(value) if value else "0"
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def json_text(value: Any, *, pretty: bool = False) -> Iterator[str]:
    """The JSON text of a value of the library in pieces; functions become empty strings."""
    return _parts(value, "\n" if pretty else "")


def _parts(value: Any, line: str) -> Iterator[str]:
    """The text in pieces; ``line`` is a line feed and the indentation, or empty."""
    if isinstance(value, dict):
        pairs = [
            (_quoted(name) + (": " if line else ":"), member) for name, member in value.items()
        ]
        yield from _enclosed("{", pairs, "}", line)
    elif isinstance(value, list):
        yield from _enclosed("[", [("", item) for item in value], "]", line)
    else:
        yield _scalar(value)


def _enclosed(start: str, members: list[tuple[str, Any]], end: str, line: str) -> Iterator[str]:
    yield start
    inner = line and line + _INDENT
    for index, (label, member) in enumerate(members):
        yield f"{',' if index else ''}{inner}{label}"
        yield from _parts(member, inner)
    yield (line if members else "") + end


def _scalar(value: Any) -> str:
    if value is None or value is NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    return _number(value) if isinstance(value, int | float) else '""'


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    return number_text(value if value == value // 1 else float(f"{value:.15g}"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def shown(value: Any) -> str:
    """The text of a value in an error message."""
    if value is None:
        return "undefined"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Parser.Symbol):
        return "function"
    text = ""
    for part in json_text(value):
        text += part
        if len(text) > MAX_SHOWN:
            return text[:MAX_SHOWN] + "..."
    return text
