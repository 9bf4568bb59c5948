"""The types of a request's members, which are AWS's or the request is rejected.

What the model does not know is left out, and null means that a member is not there.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from pipeline.api.errors import ApiError

_INTEGER_BITS = {"integer": 31, "long": 63}


def parse_input(body: bytes, shape: Any) -> dict[str, Any]:
    """The members of a request.

    Args:
        body: The request's body.
        shape: botocore's shape of the action's input.

    Raises:
        ApiError: SerializationException, for what is not JSON or not of the shape's types.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _rejected(f"The request is not JSON: {error}") from error
    members: dict[str, Any] = typed(document, shape)
    return members


def typed(value: Any, shape: Any) -> Any:
    """A value of the shape's type, made of what JSON has for it.

    Raises:
        ApiError: SerializationException, for another type.
    """
    return _BY_TYPE[shape.type_name](value, shape)


def _structure(value: Any, shape: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected(value, "Structure")
    return {
        name: typed(value[name], member)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _list(value: Any, shape: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _unexpected(value, "List")
    return [None if item is None else typed(item, shape.member) for item in value]


def _map(value: Any, shape: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unexpected(value, "Map")
    return {key: typed(member, shape.value) for key, member in value.items() if member is not None}


def _string(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise _unexpected(value, "String")
    return value


def _boolean(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise _unexpected(value, "Boolean")
    return value


def _integer(value: Any, shape: Any) -> int:
    name = shape.type_name.capitalize()
    if not _is_number(value):
        raise _unexpected(value, name)
    limit = 1 << _INTEGER_BITS[shape.type_name]
    if not -limit <= value < limit or value != int(value):
        raise _rejected(f"NUMBER_VALUE cannot be converted to {name}")
    return int(value)


def _float(value: Any, shape: Any) -> float:
    if not _is_number(value):
        raise _unexpected(value, shape.type_name.capitalize())
    return float(value)


def _blob(value: Any, _: Any) -> bytes:
    if not isinstance(value, str):
        raise _unexpected(value, "Blob")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _rejected("STRING_VALUE cannot be converted to Blob") from error


_BY_TYPE: Mapping[str, Callable[[Any, Any], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "timestamp": _float,
    "blob": _blob,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unexpected(value: Any, expected: str) -> ApiError:
    if isinstance(value, dict):
        return _rejected("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return _rejected("Start of list found where not expected")
    return _rejected(f"{_token(value)} cannot be converted to {expected}")


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if value is None:
        return "NULL_VALUE"
    return "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"


def _rejected(message: str) -> ApiError:
    return ApiError("SerializationException", message)
