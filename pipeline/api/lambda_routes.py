"""The routes of Lambda's actions, built from botocore's model."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.api.authentication import Authenticate
from pipeline.api.call import Handler
from pipeline.api.constraints import check_constraints
from pipeline.api.errors import ApiError
from pipeline.api.handling import Handling
from pipeline.api.lambda_actions import LAMBDA_ACTIONS
from pipeline.api.lambda_answers import rest_answer, rest_error_answer
from pipeline.api.lambda_model import lambda_model
from pipeline.api.lambda_requests import parse_request
from pipeline.api.request_body import read_body
from pipeline.api.request_log import ACTION

BODY_LIMIT_BYTES = 70167211
"""AWS's limit for a request with code, which is in Base64."""

INVOKE_LIMIT_BYTES = 6291456
"""AWS Lambda Developer Guide, "Lambda quotas": the payload of a synchronous invocation."""

_SIGNED_SERVICE = "lambda"

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def lambda_routes(handling: Handling, authenticate: Authenticate) -> list[Route]:
    """The routes of every action of Lambda that the endpoint serves.

    Args:
        handling: Runs their handlers.
        authenticate: Identifies the senders of requests.
    """
    routes = []
    for action, handler in LAMBDA_ACTIONS.items():
        model = lambda_model().operation_model(action)
        path, methods = model.http["requestUri"], [model.http["method"]]
        endpoint = _endpoint(handling, authenticate, model, handler)
        # Some clients use an older model, in which the list's path ends with a slash.
        routes += [Route(each, endpoint, methods=methods) for each in (path, f"{path}/")]
    return routes


def _endpoint(
    handling: Handling, authenticate: Authenticate, model: Any, handler: Handler
) -> _Endpoint:
    async def serve(request: Request) -> Response:
        request.scope[ACTION] = f"lambda:{model.name}"
        body = await _read_body(request, model)
        identity = await authenticate(request, body, _SIGNED_SERVICE)
        members = parse_request(request, body, model.input_shape)
        check_constraints(members, model.input_shape)
        output = await handling.output(handler, request, identity, members)
        return rest_answer(output, model)

    async def serve_or_reject(request: Request) -> Response:
        try:
            return await serve(request)
        except ApiError as error:
            return rest_error_answer(error, model)

    return serve_or_reject


async def _read_body(request: Request, model: Any) -> bytes:
    is_invocation = "Payload" in model.input_shape.members
    limit = INVOKE_LIMIT_BYTES if is_invocation else BODY_LIMIT_BYTES
    try:
        return await read_body(request, limit)
    except ApiError as error:
        if error.code != "RequestEntityTooLargeException":
            raise
        code = "RequestTooLargeException" if is_invocation else error.code
        operation = f"{model.name}{'Function' if is_invocation else ''}"
        message = f"Request must be smaller than {limit} bytes for the {operation} operation"
        raise ApiError(code, message) from error
