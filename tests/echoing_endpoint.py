"""An HTTP server for HTTP tasks: it tells what it was asked; and connections to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.http_servers import http_server

CONNECTIONS = """
[connections.basic]
type = "BASIC"
username = "me"
password_variable = "TEST_SECRET"

[connections.key]
type = "API_KEY"
name = "X-Key"
value_variable = "TEST_SECRET"
headers = { X-Own = "from the connection" }
query = { own = "yes" }
body = { own = "too" }

[connections.oauth]
type = "OAUTH_CLIENT_CREDENTIALS"
authorization_endpoint = "URL/token"
client_id = "id"
client_secret_variable = "TEST_SECRET"
"""
"""A file of connections, but for the server's URL; their secrets are in TEST_SECRET."""


class EchoingEndpoint(BaseHTTPRequestHandler):
    """Tells what it was asked; ``/token`` gives tokens, ``/status/404`` is a 404.

    Attributes:
        tokens: What it was asked for each token.
        slow_is_asked: Set by a request for a token at ``/token/slow``.
        slow_may_answer: What that waits for.
    """

    tokens: ClassVar[list[Any]] = []
    slow_is_asked: ClassVar[threading.Event] = threading.Event()
    slow_may_answer: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        path = urlsplit(self.path)
        if path.path == "/token/slow":
            self.slow_is_asked.set()
            self.slow_may_answer.wait()
        if path.path in {"/token", "/token/slow"}:
            self.tokens.append(parse_qs(body))
            token = f"token {len(self.tokens)}"
            return self._answer(200, {"access_token": token, "expires_in": 3600})
        if path.path == "/endless":
            return self._drip()
        if path.path == "/large":
            return self._answer(200, "x" * 300_000)
        if path.path.startswith("/status/"):
            return self._answer(int(path.path.removeprefix("/status/")), {"sorry": True})
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = {"method": self.command, "query": parse_qs(path.query), "headers": headers}
        return self._answer(200, {**told, "body": body})

    do_GET = do_POST  # noqa: N815 - the base's name

    def _answer(self, status: int, document: Any) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(ConnectionError):  # whoever reads has had enough
            while True:
                self.wfile.write(b".")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep the test's output free of requests."""


@contextmanager
def echoing_endpoint() -> Iterator[str]:
    """URL of a running server."""
    with http_server(EchoingEndpoint) as url:
        yield url


def arguments(url: str, connection: str = "basic", **fields: Any) -> dict[str, Any]:
    """Parameters of an HTTP task that calls the server."""
    arn = f"arn:aws:events:us-east-1:000000000000:connection/{connection}/0c8b5f2e"
    return {
        "ApiEndpoint": f"{url}/path",
        "Method": "POST",
        "Authentication": {"ConnectionArn": arn},
        **fields,
    }
