"""Requests of the REST protocol: members in the path, the query, headers and the body.

botocore's model gives the location of each member. Smithy specification, "AWS restJson1
protocol".
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from pipeline.api.errors import ApiError
from pipeline.api.input_types import parse_input, typed

_BOOLEANS = {"true": True, "false": False}


def parse_request(request: Request, body: bytes, shape: Any) -> dict[str, Any]:
    """The members of a request.

    Args:
        request: Its path, query and headers.
        body: Its body.
        shape: botocore's shape of the action's input.

    Raises:
        ApiError: SerializationException, for what is not of the shape's types.
    """
    members = _members_of_body(body, shape)
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location is None:
            continue
        # The body cannot set members that belong elsewhere.
        members.pop(name, None)
        text = _PARTS[location](request).get(member.serialization.get("name", name))
        if text is not None:
            members[name] = _read(text, member)
    return members


def _members_of_body(body: bytes, shape: Any) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        return {payload: body} if body else {}
    return parse_input(body or b"{}", shape)


def _path(request: Request) -> Mapping[str, str]:
    return request.path_params


def _query(request: Request) -> Mapping[str, str]:
    return request.query_params


def _headers(request: Request) -> Mapping[str, str]:
    return request.headers


_PARTS = {"uri": _path, "querystring": _query, "header": _headers}


def _read(text: str, shape: Any) -> Any:
    """The value of a text outside the body."""
    match shape.type_name:
        case "integer" | "long":
            try:
                return typed(int(text), shape)
            except ValueError as error:
                message = f"STRING_VALUE cannot be converted to {shape.type_name.capitalize()}"
                raise ApiError("SerializationException", message) from error
        case "boolean":
            return _BOOLEANS.get(text.lower(), False)
        case _:
            return typed(text, shape)
