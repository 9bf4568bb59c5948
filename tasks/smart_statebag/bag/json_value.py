"""JSON values and their exact bytes (Contract 3.2)."""

import json
from typing import TypeAlias, TypeGuard

from tasks.smart_statebag.bag.errors import NotSerialisable

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


def encode(value: Json) -> bytes:
    """UTF-8 bytes of the compact JSON text, non-ASCII unescaped, keys in their order.

    Raises:
        NotSerialisable: The value is not JSON; NaN and the infinities are not.
    """
    return _encode(value, sort_keys=False)


def encode_canonical(value: Json) -> bytes:
    """As ``encode``, keys sorted: equal values have equal bytes."""
    return _encode(value, sort_keys=True)


def _encode(value: Json, *, sort_keys: bool) -> bytes:
    try:
        text = json.dumps(
            value,
            ensure_ascii=False,
            separators=(",", ":"),
            allow_nan=False,
            sort_keys=sort_keys,
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise NotSerialisable(str(error)) from error
    # A lone surrogate has no UTF-8 form; its backslash form is its JSON escape.
    return text.encode("utf-8", "backslashreplace")


def decode(body: bytes | str) -> Json:
    """The value of a JSON text.

    Raises:
        ValueError: The text is not JSON, or holds NaN or an infinity.
    """
    value: Json = json.loads(body, parse_constant=_refuse_constant)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def is_number(value: Json) -> TypeGuard[float]:
    """Whether the value is a JSON number; Python's booleans are integers, JSON's are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Json) -> TypeGuard[int]:
    """Whether the value is an integer and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal; true is not 1, 1 equals 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right
