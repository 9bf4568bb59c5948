"""The HTTP server of the endpoint, in a thread of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

_KEEP_ALIVE_SECONDS = 65
"""Longer than the usual 60 seconds of proxies, so that the proxy closes idle connections first."""

_BACKLOG = 2048


class ServerFailed(Exception):
    """The server could not start; the text gives the reason."""


@contextmanager
def serving(application: Starlette, host: str, port: int) -> Iterator[str]:
    """Serve an endpoint for as long as the block lasts; gives its URL.

    At the end no request is taken any more; those in progress are answered first, and long polls
    come to their end at once.

    Args:
        application: Made by ``create_application``.
        host: Address or name to bind to.
        port: Port to bind to; 0 for a free one.

    Raises:
        ServerFailed: The address cannot be bound, or the application does not start.
    """
    with bound_listener(host, port) as listener:
        server = _Server(application)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="api", daemon=True
        )
        thread.start()
        server.ready.wait()
        if not server.started:
            raise ServerFailed("The server ended before it was ready; the log has the reason.")
        try:
            _, port, *_ = listener.getsockname()
            yield f"http://{_authority(host, port)}"
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    def __init__(self, application: Starlette) -> None:
        self._application = application
        self.ready = threading.Event()
        super().__init__(
            uvicorn.Config(
                application,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                ws="none",
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.state.endings.end_all()
        await super().shutdown(sockets)


def bound_listener(host: str, port: int) -> socket.socket:
    """A listening socket whose connections send data without delay.

    asyncio sets TCP_NODELAY only on sockets that name their protocol, which this one does not, and
    an answer's body would wait 40 ms for the client to acknowledge its head.

    Raises:
        ServerFailed: The address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ServerFailed(f"Cannot listen on {_authority(host, port)}: {error}") from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted sockets inherit it
    return listener


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
