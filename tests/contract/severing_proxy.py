"""A TCP proxy before PostgreSQL that cuts a connection at a chosen moment of its conversation."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import make_url


@dataclass(frozen=True, slots=True)
class Cut:
    """Where to cut: before this text reaches the server, or when the server has answered it."""

    text: bytes
    answered: bool


class SeveringProxy:
    """Forwards connections to a server, and cuts one when it is told to."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._cut: Cut | None = None
        self._start(self._accept)

    @property
    def port(self) -> int:
        """Where it listens on the loopback interface."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def has_cut(self) -> bool:
        """Whether the cut that was wanted has been made."""
        return self._cut is None

    def cut_before(self, text: bytes) -> None:
        """Cut the next connection that sends this text, which then never arrives."""
        self._cut = Cut(text, answered=False)

    def cut_after(self, text: bytes) -> None:
        """Cut the next connection that sends this text, once the server has acted on it."""
        self._cut = Cut(text, answered=True)

    def close(self) -> None:
        """Cut everything and end."""
        for end in (self._listener, *self._sockets):
            _close(end)
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._sockets):
            end.close()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._sockets += [client, server]
                answer_swallowed = threading.Event()
                self._start(self._forward_questions, client, server, answer_swallowed)
                self._start(_forward_answers, server, client, answer_swallowed)

    def _forward_questions(
        self, client: socket.socket, server: socket.socket, swallow_answer: threading.Event
    ) -> None:
        with suppress(OSError):  # the other direction was cut
            while data := client.recv(65536):
                cut = self._cut
                if cut is not None and cut.text in data:
                    self._cut = None
                    if not cut.answered:
                        break
                    swallow_answer.set()
                server.sendall(data)
        _close(server)
        _close(client)


def _forward_answers(
    server: socket.socket, client: socket.socket, swallow_answer: threading.Event
) -> None:
    with suppress(OSError):  # the other direction was cut
        while data := server.recv(65536):
            if swallow_answer.is_set():
                break
            client.sendall(data)
    _close(client)
    _close(server)


def _close(end: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(postgres_ledger: str) -> Iterator[SeveringProxy]:
    """A proxy before the test's own PostgreSQL database."""
    url = make_url(postgres_ledger)
    assert url.host is not None
    assert url.port is not None
    made = SeveringProxy(url.host, url.port)
    yield made
    made.close()


@pytest.fixture
def proxied_url(postgres_ledger: str, proxy: SeveringProxy) -> str:
    """URL of the database by way of the proxy, in plain text so that the proxy can read along."""
    url = make_url(postgres_ledger).set(host="127.0.0.1", port=proxy.port)
    plain = url.update_query_dict({"sslmode": "disable", "gssencmode": "disable"})
    return plain.render_as_string(hide_password=False)
