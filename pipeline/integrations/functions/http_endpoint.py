"""HTTP functions: calls POST the event, as Lambda's runtime interface emulator expects."""

import os
from collections.abc import Mapping
from functools import cache

import httpx

from pipeline.integrations.functions.function import HttpFunction
from pipeline.integrations.functions.function_error import (
    is_error_document,
    reported_error,
    sandbox_error,
    unknown_error,
)
from pipeline.integrations.functions.lambda_context import LambdaContext
from pipeline.language.errors import TIMEOUT, ExecutionError
from pipeline.language.json_value import Json, dump_bytes, loads

STATUS_ERRORS: Mapping[int, str] = {
    400: "Lambda.InvalidRequestContentException",
    403: "Lambda.AccessDeniedException",
    404: "Lambda.ResourceNotFoundException",
    413: "Lambda.RequestTooLargeException",
    415: "Lambda.UnsupportedMediaTypeException",
    429: "Lambda.TooManyRequestsException",
}
"""Error names of Lambda's Invoke by HTTP status."""

_SHOWN_BODY = 1000  # characters of a rejection's body that its cause repeats


def call_endpoint(function: HttpFunction, event: Json, context: LambdaContext) -> Json:
    """Send the event and return the function's result; null for an empty response.

    Raises:
        ExecutionError: The endpoint cannot be reached, is too slow, rejects the call, or answers
            with the error of a function.
    """
    limit = min(function.timeout_seconds, context.get_remaining_time_in_millis() / 1000)
    if limit <= 0:
        raise ExecutionError(TIMEOUT)
    headers = {
        "Content-Type": "application/json",
        "X-Amzn-RequestId": context.aws_request_id,
        "Lambda-Runtime-Invoked-Function-Arn": context.invoked_function_arn,
    }
    try:
        response = _client(os.getpid()).post(
            function.url, content=dump_bytes(event), headers=headers, timeout=limit
        )
    except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
        raise _too_slow(function, limit, context) from error
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise _unreachable(function, error) from error
    if not response.is_success:
        raise _error_answered(response, context)
    return _result(response)


@cache
def _client(_process_id: int) -> httpx.Client:
    """One client for each process: a forked worker must not share its connections."""
    return httpx.Client(limits=httpx.Limits(max_connections=None))


def _too_slow(function: HttpFunction, limit: float, context: LambdaContext) -> ExecutionError:
    if limit < function.timeout_seconds:  # the Task state timed out first
        return ExecutionError(TIMEOUT)
    message = f"Task timed out after {limit:.2f} seconds"
    return sandbox_error("Sandbox.Timedout", message, request_id=context.aws_request_id)


def _unreachable(function: HttpFunction, error: Exception) -> ExecutionError:
    return ExecutionError(
        "Lambda.SdkClientException", f"Unable to execute HTTP request to {function.url}: {error}"
    )


def _error_answered(response: httpx.Response, context: LambdaContext) -> ExecutionError:
    status = response.status_code
    default = "Lambda.ServiceException" if status >= 500 else "Lambda.AWSLambdaException"
    body = response.text[:_SHOWN_BODY].strip() or response.reason_phrase
    cause = f"{body} (Service: Lambda, Status Code: {status}, Request ID: {context.aws_request_id})"
    return ExecutionError(STATUS_ERRORS.get(status, default), cause)


def _result(response: httpx.Response) -> Json:
    text = response.text
    if not text.strip():
        if "X-Amz-Function-Error" in response.headers:
            raise reported_error(None, text)
        return None
    try:
        payload = loads(text)
    except ValueError as error:
        raise unknown_error(text[:_SHOWN_BODY]) from error
    if "X-Amz-Function-Error" in response.headers or is_error_document(payload):
        raise reported_error(payload, text)
    return payload
