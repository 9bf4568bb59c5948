"""AWS JSON 1.0: a POST to the root, its action named by a header."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.api.answers import MEDIA_TYPE, answer, error_answer
from pipeline.api.authentication import Authenticate
from pipeline.api.call import Handler
from pipeline.api.constraints import PAYLOADS, check_constraints
from pipeline.api.errors import ApiError
from pipeline.api.handling import Handling
from pipeline.api.input_types import parse_input
from pipeline.api.output_shapes import output_body
from pipeline.api.request_body import read_body
from pipeline.api.request_log import ACTION
from pipeline.api.service_model import operation

BODY_LIMIT_BYTES = 1 << 20
"""Developer guide: "Quotas", maximum request size."""

_UNSTRICT_BODY_LIMIT_BYTES = 64 << 20
_TARGET_PREFIX = "AWSStepFunctions."
_SIGNED_SERVICE = "states"
_MAX_SHOWN = 128
_NOT_FOUND = 404


class JsonProtocol:
    """Serves the actions of the table."""

    def __init__(
        self,
        handling: Handling,
        authenticate: Authenticate,
        actions: Mapping[str, Handler],
    ) -> None:
        self._handling = handling
        self._authenticate = authenticate
        self._actions = actions
        strict = handling.engine.settings.strict_limits
        self._body_limit = BODY_LIMIT_BYTES if strict else _UNSTRICT_BODY_LIMIT_BYTES
        self._unbounded = frozenset[str]() if strict else PAYLOADS

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return await self._serve(request)
        except ApiError as error:
            return error_answer(error)

    async def _serve(self, request: Request) -> Response:
        body = await read_body(request, self._body_limit)
        identity = await self._authenticate(request, body, _SIGNED_SERVICE)
        media_type, _, _ = request.headers.get("content-type", "").partition(";")
        if media_type.strip().lower() != MEDIA_TYPE:
            error = f"Requests to Step Functions are of the media type {MEDIA_TYPE}."
            return error_answer(ApiError("UnknownOperationException", error), _NOT_FOUND)
        action, handler, model = self._action(request)
        request.scope[ACTION] = action
        members = parse_input(body, model.input_shape)
        check_constraints(members, model.input_shape, unbounded=self._unbounded)
        output = await self._handling.output(handler, request, identity, members)
        return answer(output_body(output, model.output_shape))

    def _action(self, request: Request) -> tuple[str, Handler, Any]:
        target = request.headers.get("x-amz-target", "")
        action = target.removeprefix(_TARGET_PREFIX)
        model, handler = operation(action), self._actions.get(action)
        if action == target or model is None or handler is None:
            shown = target[:_MAX_SHOWN]
            raise ApiError("UnknownOperationException", f"There is no action '{shown}' here.")
        return action, handler, model
