"""An action's output as the model shapes it.

A member that the model does not know would mean nothing to a client, so it is left out.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.language.json_value import dump_bytes


def output_body(output: Mapping[str, Any], shape: Any) -> bytes:
    """The body of an answer.

    Args:
        output: The output's members by AWS's names.
        shape: botocore's shape of the action's output, or None for an empty one.
    """
    return dump_bytes({} if shape is None else _structure(output, shape))


def _shaped(value: Any, shape: Any) -> Any:
    return _BY_TYPE.get(shape.type_name, _unchanged)(value, shape)


def _structure(value: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    return {
        name: _shaped(value[name], member)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _list(value: list[Any], shape: Any) -> list[Any]:
    return [_shaped(item, shape.member) for item in value]


def _map(value: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    return {key: _shaped(item, shape.value) for key, item in value.items()}


def _timestamp(value: float, _: Any) -> float:
    return round(value, 3)


def _blob(value: bytes, _: Any) -> str:
    return base64.b64encode(value).decode()


def _unchanged(value: Any, _: Any) -> Any:
    return value


_BY_TYPE: Mapping[str, Callable[[Any, Any], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "timestamp": _timestamp,
    "blob": _blob,
}
