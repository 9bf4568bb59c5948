"""Throttling: a limit on the requests in progress."""

from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.api.answers import error_answer
from pipeline.api.errors import ApiError
from pipeline.api.request_log import HEALTH


class RequestLimit:
    """Counts the requests in progress and rejects those beyond the limit: in an endless queue every
    request would time out."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or reject it at once."""
        # A load balancer's health check must not fail because of load.
        if scope["type"] != "http" or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._limit:
            # Lambda, whose paths are longer, has another name for it.
            code = "ThrottlingException" if scope["path"] == "/" else "TooManyRequestsException"
            await error_answer(ApiError(code, "Rate exceeded"))(scope, receive, send)
            return
        self._in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_progress -= 1
