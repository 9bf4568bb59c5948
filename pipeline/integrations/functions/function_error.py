"""Errors of functions in the form of Lambda's: an error name and a JSON cause."""

import json
from collections.abc import Sequence

from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, JsonObject


def function_error(
    error_type: str, message: str, *, request_id: str, stack_trace: Sequence[str] = ()
) -> ExecutionError:
    """The error of a handler, with the document that Lambda's Python runtime posts as its cause.

    Args:
        error_type: Name of the exception's class, or a ``Runtime.*`` name.
        message: Text of the exception.
        request_id: Identifier of the call.
        stack_trace: Frames of the handler, outermost first, formatted as by ``traceback``.
    """
    cause = _text(
        {
            "errorMessage": message,
            "errorType": error_type,
            "requestId": request_id,
            "stackTrace": list(stack_trace),
        }
    )
    return ExecutionError(error_type, cause)


def sandbox_error(error_type: str, message: str, *, request_id: str) -> ExecutionError:
    """The error of a function whose process ended or was ended, as Lambda's sandbox reports it."""
    text = f"RequestId: {request_id} Error: {message}"
    cause = _text({"errorType": error_type, "errorMessage": text})
    return ExecutionError(error_type, cause)


def _text(document: JsonObject) -> str:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate (from a file name that is not UTF-8) cannot be encoded in UTF-8; its
    # replacement here equals its escape in JSON.
    return text.encode(errors="backslashreplace").decode()


def unknown_error(payload: str) -> ExecutionError:
    """The error of a function that reported no error type."""
    return ExecutionError(
        "Lambda.Unknown",
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {payload}",
    )


def reported_type(payload: Json) -> str | None:
    """The error type in the payload of a failed function; the message may be missing."""
    match payload:
        case {"errorType": str(error_type)} if error_type:
            return error_type
    return None


def reported_error(payload: Json, text: str) -> ExecutionError:
    """The error that a failed function reported.

    Args:
        payload: Its payload; None if that was empty or not JSON.
        text: The payload as it came, which becomes the cause.
    """
    error_type = reported_type(payload)
    return unknown_error(text) if error_type is None else ExecutionError(error_type, text)


def is_error_document(payload: Json) -> bool:
    """Whether a payload is the document that a runtime makes from an exception."""
    match payload:
        case {"errorMessage": str(), "errorType": str()}:
            return True
    return False


def not_found_error(reference: str, *, request_id: str) -> ExecutionError:
    """The error of a Task state whose function does not exist."""
    return ExecutionError(
        "Lambda.ResourceNotFoundException",
        f"Function not found: {reference} "
        f"(Service: Lambda, Status Code: 404, Request ID: {request_id})",
    )
