"""Checks of the arguments of intrinsic functions."""

import math
from typing import TypeGuard

from pipeline.language.json_value import Json

MAX_CHARACTERS = 10_000
"""The longest text, in characters, that Hash and the Base64 functions take."""


class InvalidArgument(ValueError):
    """A function does not accept an argument; becomes States.IntrinsicFailure."""


def array(value: Json, position: str) -> list[Json]:
    """The argument as an array; ``position`` is ``first``, ``second``, ..."""
    if not isinstance(value, list):
        raise InvalidArgument(f"The {position} argument must be an array")
    return value


def json_object(value: Json, position: str) -> dict[str, Json]:
    """The argument as an object."""
    if not isinstance(value, dict):
        raise InvalidArgument(f"The {position} argument must be a JSON object")
    return value


def string(value: Json, position: str) -> str:
    """The argument as a string."""
    if not isinstance(value, str):
        raise InvalidArgument(f"The {position} argument must be a string")
    return value


def short_string(value: Json, position: str) -> str:
    """The argument as a string of at most 10,000 characters."""
    text = string(value, position)
    if len(text) > MAX_CHARACTERS:
        raise InvalidArgument(
            f"The {position} argument must not be longer than {MAX_CHARACTERS} characters"
        )
    return text


def rounded(value: Json, position: str) -> int:
    """The argument as an integer; a fraction is rounded half up."""
    if not is_number(value) or not math.isfinite(value):
        raise InvalidArgument(f"The {position} argument must be a number")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def whole(value: Json, position: str) -> int:
    """The argument as an integer; accepts 2.0, but not 2.5."""
    if not is_number(value) or value != rounded(value, position):
        raise InvalidArgument(f"The {position} argument must be an integer")
    return int(value)


def is_number(value: Json) -> TypeGuard[int | float]:
    """Whether a value is a JSON number; for Python true and false would be numbers, too."""
    return isinstance(value, int | float) and not isinstance(value, bool)
