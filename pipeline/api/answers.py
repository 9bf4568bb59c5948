"""Answers of the JSON protocol."""

from starlette.responses import Response

from pipeline.api.errors import ApiError
from pipeline.language.json_value import dump_bytes

MEDIA_TYPE = "application/x-amz-json-1.0"


def answer(body: bytes) -> Response:
    """The answer of an action that has succeeded."""
    return Response(body, media_type=MEDIA_TYPE)


def error_answer(error: ApiError, status: int | None = None) -> Response:
    """The answer to a request that could not be served.

    Args:
        error: AWS's error.
        status: HTTP status, where it is not the one of the error.
    """
    return Response(
        dump_bytes({"__type": error.code, "message": error.message, **error.members}),
        status_code=status or error.status,
        media_type=MEDIA_TYPE,
        headers={"x-amzn-ErrorType": error.code},
    )
