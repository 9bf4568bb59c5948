"""Conversion of JSON values into those of the JSONata library, and back.

The library represents undefined by None and null by an object of its own, marks its sequences by a
subclass of list, and may append to a list that it gets. So data goes in as a copy, and results come
out as plain JSON.
"""

import math
from typing import Any, Final

from jsonata.utils import Utils

from pipeline.language.json_value import Json

NULL: Final = Utils.NULL_VALUE

_EXACT = 2**53


class Undefined:
    """JSONata's undefined, the value of an expression that finds nothing."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


class NoJson(Exception):
    """A result has no JSON form: it is or contains a function or a number that is not finite."""

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value


def from_json(value: Json) -> Any:
    """A copy in the library's form."""
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {name: from_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return value


def copied(value: Any) -> Any:
    """A deep copy of a value of the library."""
    if isinstance(value, dict):
        return {name: copied(member) for name, member in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def to_json(value: Any) -> "Json | Undefined":
    """A result as plain JSON; undefined in an array becomes null, as in JavaScript.

    Raises:
        NoJson: It is or contains something that JSON cannot represent.
    """
    return UNDEFINED if value is None else _plain(value)


def _plain(value: Any) -> Json:
    if value is None or value is NULL:
        return None
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    raise NoJson(value)


def json_number(value: float) -> int | float:
    """A number as JavaScript writes it to JSON: integral ones without a fraction.

    Beyond 2**53 a double stands for several integers; JavaScript writes the one of the fewest
    digits up to 1e21, and an exponent from there on.

    Raises:
        NoJson: It is not finite.
    """
    if not math.isfinite(value):
        raise NoJson(value)
    if not value.is_integer() or abs(value) >= 1e21:
        return value
    return int(value) if abs(value) <= _EXACT else int(plain_digits(value))


def plain_digits(value: float) -> str:
    """The shortest digits that identify a finite number, without an exponent."""
    digits, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = digits.partition(".")
    shift = int(exponent or 0)
    fraction = fraction if fraction != "0" else ""
    if shift >= 0:
        fraction = fraction.ljust(shift, "0")
        whole, fraction = whole + fraction[:shift], fraction[shift:]
    else:
        whole, fraction = "0", "0" * (-shift - 1) + whole + fraction
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole
