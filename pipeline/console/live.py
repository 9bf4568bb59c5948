"""Server-sent events that say when a page has something new to show.

WHATWG HTML, "Server-sent events". The browser then asks for the page again and replaces what has
changed, so a page is written once, for people with and without JavaScript.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.api.errors import ApiError
from pipeline.api.translated_errors import as_api_errors
from pipeline.console.access import Access
from pipeline.console.pages.machine import all_of
from pipeline.console.responses import secured
from pipeline.console.sign_in import COOKIE
from pipeline.console.view import View
from pipeline.engine.arns import read_execution_arn, read_map_run_arn
from pipeline.engine.engine import Engine
from pipeline.executions.child_executions import find_child
from pipeline.executions.lifecycle import find_execution
from pipeline.ledger.change_stamps import (
    Stamp,
    stamp_of_execution,
    stamp_of_machines,
    stamp_of_map_run,
)

_INTERVAL_SECONDS = 0.5
_LOOKS_WITHOUT_NEWS = 30
"""After so many looks a comment keeps proxies from closing the connection."""
_FORBIDDEN = 403


def updates(engine: Engine, access: Access) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of the events, for the execution or the map run with the ARN ``arn``."""

    async def serve(request: Request) -> Response:
        session = access.session_of(request.cookies.get(COOKIE))
        if session is None:
            return Response(status_code=_FORBIDDEN)
        view = View(
            engine=engine,
            access=access,
            session=session,
            query=dict(request.query_params),
            path=request.url.path,
        )
        try:
            look = await asyncio.to_thread(_look, view)
        except ApiError as error:
            return Response(status_code=error.status)
        return _EventStream(request, look)

    return serve


def _look(view: View) -> Callable[[], Stamp]:
    """The function that gives the stamp of what the page shows."""
    arn = view.query.get("arn", "")
    database = view.engine.database
    if not arn:
        machines = [
            m["stateMachineArn"] for m in all_of(view, "ListStateMachines", "stateMachines")
        ]

        def of_machines() -> Stamp:
            with database.reading() as connection:
                return stamp_of_machines(connection, machines)

        return of_machines
    if ":mapRun:" in arn:
        with as_api_errors():
            run_arn = read_map_run_arn(view.session.account_id, arn).text

        def of_map_run() -> Stamp:
            with database.reading() as connection:
                return stamp_of_map_run(connection, run_arn)

        return of_map_run
    with as_api_errors():
        named = read_execution_arn(view.session.account_id, arn, express=False)
        if named.label is not None:
            child = find_child(view.engine, arn)
            ids = child.row.execution_id, child.execution.id
        else:
            row = find_execution(view.engine, arn)
            ids = row.id, row.id

    def of_execution() -> Stamp:
        with database.reading() as connection:
            return stamp_of_execution(connection, *ids)

    return of_execution


class _EventStream(Response):
    """An answer that goes on until the browser leaves or the endpoint stops."""

    def __init__(self, request: Request, look: Callable[[], Stamp]) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        secured(self)
        self._request = request
        self._look = look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        endings = scope["app"].state.endings
        async with endings.of(self._request) as ending:
            await self._send_news(ending, send)
        await send({"type": "http.response.body", "body": b""})

    async def _send_news(self, ending: asyncio.Event, send: Send) -> None:
        known, silent = await asyncio.to_thread(self._look), 0
        await send(_chunk("retry: 2000\n\n"))
        while not await _is_set_within(ending, _INTERVAL_SECONDS):
            stamp = await asyncio.to_thread(self._look)
            silent += 1
            if stamp != known:
                known, silent = stamp, 0
                await send(_chunk("data: changed\n\n"))
            elif silent % _LOOKS_WITHOUT_NEWS == 0:
                await send(_chunk(": still here\n\n"))


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _chunk(text: str) -> dict[str, object]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
