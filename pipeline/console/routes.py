"""The routes of the console, and what every request to it goes through."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from importlib.resources import files

from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.api.errors import ApiError
from pipeline.console import actions, live, sign_in
from pipeline.console.access import Access
from pipeline.console.pages.table import PAGES
from pipeline.console.responses import secured
from pipeline.console.sign_in import COOKIE
from pipeline.console.view import ROOT, View, address
from pipeline.engine.engine import Engine
from pipeline.payloads.object_store import ObjectStoreError

log = logging.getLogger(__name__)

Page = Callable[[View], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

_METHOD_NOT_ALLOWED = 405
_STATIC = str(files("pipeline.console") / "static")


def console_routes(engine: Engine, access: Access) -> list[BaseRoute]:
    """The console of an endpoint, and a way to it from the endpoint's root."""
    pages = [Route(f"/{name}", _page(engine, access, page)) for name, page in PAGES.items()]
    return [
        Route("/", _to_console, methods=["GET"]),
        Mount(
            ROOT,
            routes=[
                Route("/", _home),
                *sign_in.routes(access),
                *pages,
                Route("/updates", live.updates(engine, access)),
                *actions.routes(engine, access),
                Mount("/static", StaticFiles(directory=_STATIC)),
            ],
        ),
    ]


async def _to_console(request: Request) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(_METHOD_NOT_ALLOWED)
    return RedirectResponse(f"{ROOT}/")


async def _home(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{ROOT}/machines{query}")


def _page(engine: Engine, access: Access, page: Page) -> Endpoint:
    async def serve(request: Request) -> Response:
        session = access.session_of(request.cookies.get(COOKIE))
        if session is None:
            return sign_in.redirect_to_sign_in(request)
        view = View(
            engine=engine,
            access=access,
            session=session,
            # PostgreSQL stores no U+0000, nor does it look for one.
            query={k: v.replace("\x00", "") for k, v in request.query_params.items()},
            path=request.url.path,
        )
        return secured(await asyncio.to_thread(_served, page, view))

    return serve


def _served(page: Page, view: View) -> Response:
    try:
        return page(view)
    except ApiError as error:
        problem = error
    except (OperationalError, ObjectStoreError) as error:
        log.error("%s cannot be shown: %s", view.path, error)
        problem = ApiError("ServiceUnavailableException", "The ledger or the object store is away.")
    return view.problem(problem, back=address("machines"))
