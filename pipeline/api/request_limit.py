"""Beyond so many requests in progress, further ones are told to come again later."""

from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.api.answers import refusal
from pipeline.api.errors import ApiError
from pipeline.api.request_log import HEALTH


class RequestLimit:
    """Counts the requests in progress; a queue without end would serve nobody."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it at once."""
        # A load balancer's question must not fail because there is much to do.
        if scope["type"] != "http" or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._limit:
            # Lambda, whose paths are longer, has another name for it.
            code = "ThrottlingException" if scope["path"] == "/" else "TooManyRequestsException"
            await refusal(ApiError(code, "Rate exceeded"))(scope, receive, send)
            return
        self._in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_progress -= 1
