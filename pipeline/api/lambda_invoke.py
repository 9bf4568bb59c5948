"""The action Invoke."""

import asyncio
import base64

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.lambda_model import lambda_model
from pipeline.api.lambda_names import NamedFunction, read_function_name
from pipeline.engine.documents import read_document
from pipeline.executor.calls.finding_functions import find_own_function
from pipeline.executor.calls.function_invocations import (
    Invoked,
    NobodyAnswered,
    invoke,
    invoke_later,
)
from pipeline.integrations.functions.function import Function, StoredFunction
from pipeline.integrations.functions.function_reference import LATEST
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.integrations.functions.lambda_invoke import STATUS_CODES, InvocationType
from pipeline.language.json_value import Json, dump_bytes, dumps, loads

EVENT_LIMIT_BYTES = 1048576
"""AWS Lambda Developer Guide, "Lambda quotas": the payload of an asynchronous invocation."""

_OF_LAMBDA = "Lambda."
_FAILED = "Unhandled"
"""Lambda's marker for every error of a Python function."""


async def invoke_function(call: Call) -> Output:
    """Call a function on a worker and wait for its result, or queue the call."""
    named = read_function_name(call)
    kind = InvocationType(call.input.get("InvocationType", InvocationType.REQUEST_RESPONSE))
    event = _event(call.input.get("Payload", b""), kind)
    function = await asyncio.to_thread(_find, call, named)
    if kind is InvocationType.DRY_RUN:
        return {"StatusCode": STATUS_CODES[kind]}
    request_id = call.request_id
    if kind is InvocationType.EVENT:
        await asyncio.to_thread(
            invoke_later, call.engine, function, named.qualified_arn, event, request_id
        )
        return {"StatusCode": STATUS_CODES[kind]}
    try:
        invoked = await invoke(call.engine, function, named.qualified_arn, event, request_id)
    except NobodyAnswered as error:
        raise ApiError("ServiceException", "No worker has called the function.") from error
    return _output(call, function, invoked)


def _find(call: Call, named: NamedFunction) -> Function:
    try:
        return find_own_function(
            call.engine, named.qualified_arn, account_id=call.account_id, region=call.region
        )
    except FunctionNotFound as error:
        raise ApiError(
            "ResourceNotFoundException", f"Function not found: {named.qualified_arn}"
        ) from error


def _event(payload: bytes, kind: InvocationType) -> Json:
    if kind is InvocationType.EVENT and len(payload) > EVENT_LIMIT_BYTES:
        raise ApiError(
            "RequestTooLargeException",
            f"Request must be smaller than {EVENT_LIMIT_BYTES} bytes for the InvokeFunction "
            "operation",
        )
    try:
        return read_document(payload.decode()) if payload.strip() else {}
    except ValueError as error:
        raise ApiError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        ) from error


def _output(call: Call, function: Function, invoked: Invoked) -> Output:
    if invoked.error is not None:
        _reject_for_lambda(invoked.error, invoked.cause or "")
    log = base64.b64encode(invoked.log.encode()).decode()
    failed = invoked.error is not None
    return {
        "StatusCode": STATUS_CODES[InvocationType.REQUEST_RESPONSE],
        "FunctionError": _FAILED if failed else None,
        "LogResult": log if call.input.get("LogType") == "Tail" else None,
        "ExecutedVersion": function.version if isinstance(function, StoredFunction) else LATEST,
        "Payload": _error_document(invoked) if failed else dump_bytes(invoked.payload),
    }


def _reject_for_lambda(error: str, cause: str) -> None:
    """Reject the request for an error of calling the function, not of the function."""
    code = error.removeprefix(_OF_LAMBDA)
    modelled = {shape.name for shape in lambda_model().operation_model("Invoke").error_shapes}
    if code != error and code in modelled:
        raise ApiError(code, cause)


def _error_document(invoked: Invoked) -> bytes:
    """The result of a failed call: the cause, if it is the error document of Lambda's runtime."""
    cause = invoked.cause or ""
    try:
        is_document = isinstance(loads(cause), dict)
    except ValueError:
        is_document = False
    text = cause if is_document else dumps({"errorMessage": cause, "errorType": invoked.error})
    return text.encode()
