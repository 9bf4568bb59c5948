"""Ending long polls when the client disconnects or the endpoint stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request


class Endings:
    """The events of the calls in progress; used on the server's event loop only."""

    def __init__(self) -> None:
        self._events: set[asyncio.Event] = set()
        self._over = False

    @asynccontextmanager
    async def of(self, request: Request) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the client disconnects or the endpoint stops.

        Args:
            request: A request whose body has been read.
        """
        event = asyncio.Event()
        if self._over:
            event.set()
        self._events.add(event)
        watch = asyncio.create_task(_set_when_gone(request, event))
        try:
            yield event
        finally:
            watch.cancel()
            self._events.discard(event)

    def end_all(self) -> None:
        """Set every event, including those created later."""
        self._over = True
        for event in self._events:
            event.set()


async def _set_when_gone(request: Request, event: asyncio.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    event.set()
