"""The endpoint as an ASGI application: its routes and middleware."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline.api.actions.table import ACTIONS
from pipeline.api.answers import error_answer
from pipeline.api.authentication import Authenticate
from pipeline.api.call import Handler
from pipeline.api.endings import Endings
from pipeline.api.errors import ApiError
from pipeline.api.handling import Handling
from pipeline.api.json_protocol import JsonProtocol
from pipeline.api.lambda_routes import lambda_routes
from pipeline.api.request_limit import RequestLimit
from pipeline.api.request_log import HEALTH, RequestLog
from pipeline.engine.engine import Engine

_MAX_SHOWN = 128


def create_application(
    engine: Engine,
    authenticate: Authenticate,
    actions: Mapping[str, Handler] = ACTIONS,
    pages: Sequence[BaseRoute] = (),
) -> Starlette:
    """The endpoint of an engine.

    Args:
        engine: Serves the requests.
        authenticate: Identifies their senders.
        actions: The actions to serve, by AWS's names.
        pages: Further routes: those of the console.
    """
    endings = Endings()
    handling = Handling(engine=engine, endings=endings)
    protocol = JsonProtocol(handling, authenticate, actions)
    settings = engine.settings

    @asynccontextmanager
    async def threads(_: Starlette) -> AsyncIterator[None]:
        pool = ThreadPoolExecutor(settings.api_threads, thread_name_prefix="api")
        asyncio.get_running_loop().set_default_executor(pool)
        yield

    # A plain function, so it runs in one of Starlette's threads: ours may all be busy.
    def health(_: Request) -> Response:
        with engine.database.reading() as connection:
            connection.execute(text("SELECT 1"))
        return JSONResponse({"status": "ok", "ledger": "ok"})

    application = Starlette(
        routes=[
            Route("/", protocol.serve, methods=["POST"]),
            Route(HEALTH, health, methods=["GET"]),
            *lambda_routes(handling, authenticate),
            *pages,
        ],
        middleware=[
            Middleware(RequestLog),
            Middleware(RequestLimit, limit=settings.api_request_limit),
        ],
        exception_handlers={HTTPException: _no_such_route},
        lifespan=threads,
    )
    application.state.endings = endings
    return application


async def _no_such_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else None
    asked = f"{request.method} {request.scope['path'][:_MAX_SHOWN]}"
    message = f"Nothing is served at '{asked}' here."
    return error_answer(ApiError("UnknownOperationException", message), status)
