"""A small HTTP server that answers as a Lambda runtime interface emulator does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.http_servers import http_server


class _Function(BaseHTTPRequestHandler):
    """Reverses a text; anything else is the function's error."""

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if isinstance(event, str):
            body: object = event[::-1]
        else:
            body = {"errorMessage": f"{event} is no text", "errorType": "NotText"}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep the test's output free of requests."""


@contextmanager
def http_functions() -> Iterator[str]:
    """URL of a running server."""
    with http_server(_Function) as url:
        yield f"{url}/2015-03-31/functions/f/invocations"
