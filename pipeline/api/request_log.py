"""Gives each request an id and logs one line for it, without its content."""

import logging
import time
from uuid import uuid4

from sqlalchemy.exc import OperationalError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.api.answers import error_answer
from pipeline.api.errors import ApiError
from pipeline.payloads.object_store import ObjectStoreUnavailable

log = logging.getLogger(__name__)

ACTION = "statebag.action"
"""Key of a request's scope under which its handler notes the action for the log."""

REQUEST_ID = "statebag.request_id"
"""Key of a request's scope under which its handler finds its id."""

CONSOLE = "/console/"
"""Pages for people, which ask again and again for what is new."""

HEALTH = "/health"
"""The path of load balancers' health checks."""


class RequestLog:
    """The outermost layer: logs unexpected exceptions and answers with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = str(uuid4())
        began = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-amzn-RequestId"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the server survives any handler's bug
            failure = _failure(error, request_id)
            if status == 0:
                await error_answer(failure)(scope, receive, send_with_id)
        seconds = time.perf_counter() - began
        action = scope.get(ACTION) or f"{scope['method']} {scope['raw_path'].decode('latin-1')}"
        level = logging.DEBUG if _is_frequent(scope) else logging.INFO
        log.log(level, "%s %d %.0f ms %s", action, status, 1000 * seconds, request_id)


def _is_frequent(scope: Scope) -> bool:
    """Whether a request repeats every few seconds: a health check, or a page that follows."""
    path: str = scope["path"]
    return path == HEALTH or (scope["method"] == "GET" and path.startswith(CONSOLE))


def _failure(error: Exception, request_id: str) -> ApiError:
    if isinstance(error, OperationalError):
        log.error("request %s: the ledger cannot be used: %s", request_id, error.orig)
        return ApiError("ServiceUnavailableException", "The ledger cannot be used at the moment.")
    if isinstance(error, ObjectStoreUnavailable):
        log.error("request %s: the object store cannot be used: %s", request_id, error)
        return ApiError(
            "ServiceUnavailableException", "The object store cannot be used at the moment."
        )
    log.error("request %s failed", request_id, exc_info=error)
    return ApiError(
        "InternalServerError", "An internal error has occurred; the endpoint's log has the details."
    )
