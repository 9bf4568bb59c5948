"""Answers of the REST protocol: members in the status, headers and the body."""

from typing import Any

from starlette.responses import Response

from pipeline.api.call import Output
from pipeline.api.errors import ApiError
from pipeline.api.output_shapes import output_body
from pipeline.language.json_value import JsonObject, dump_bytes

_MEDIA_TYPE = "application/json"
_NO_CONTENT = 204


def rest_answer(output: Output, model: Any) -> Response:
    """The answer of an action that has succeeded.

    Args:
        output: The output's members by AWS's names.
        model: botocore's model of the action.
    """
    shape = model.output_shape
    members = {name: value for name, value in output.items() if value is not None}
    status, headers = model.http["responseCode"], {}
    for name, member in shape.members.items() if shape else ():
        match member.serialization.get("location"):
            case "statusCode":
                status = members.pop(name, status)
            case "header" if name in members:
                headers[member.serialization["name"]] = str(members.pop(name))
    if status == _NO_CONTENT:
        return Response(status_code=status, headers=headers)
    payload = shape.serialization.get("payload") if shape else None
    body = output_body(members, shape) if payload is None else members.get(payload, b"")
    return Response(body, status_code=status, headers=headers, media_type=_MEDIA_TYPE)


def rest_error_answer(error: ApiError, model: Any) -> Response:
    """The answer to a request that could not be served.

    Args:
        error: AWS's error.
        model: botocore's model of the action, whose errors have a status each.
    """
    shape = {shape.name: shape for shape in model.error_shapes}.get(error.code)
    status = shape.metadata["error"]["httpStatusCode"] if shape else error.rest_status
    message = "Message" if shape and "Message" in shape.members else "message"
    body: JsonObject = {"Type": "User" if status < 500 else "Service", message: error.message}
    return Response(
        dump_bytes(body),
        status_code=status,
        headers={"x-amzn-ErrorType": error.code},
        media_type=_MEDIA_TYPE,
    )
