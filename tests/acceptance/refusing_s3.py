"""An S3 server (moto's, over HTTP) that can be told to refuse writes as an overloaded S3 does."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

SLOW_DOWN = (
    b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
)


@dataclass(slots=True)
class RefusingS3:
    """A WSGI application around moto's.

    Attributes:
        refuses: Whether a write to a path is refused.
        refused: Paths of the writes that were refused.
        url: Where it is served.
    """

    refuses: Callable[[str], bool] = lambda path: False
    refused: list[str] = field(default_factory=list)
    url: str = ""
    inner: Any = field(default_factory=lambda: DomainDispatcherApplication(create_backend_app))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "PUT" and self.refuses(path):
            self.refused.append(path)
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(SLOW_DOWN)))]
            start_response("503 Slow Down", headers)
            return [SLOW_DOWN]
        answer: Iterable[bytes] = self.inner(environ, start_response)
        return answer

    def create_bucket(self, name: str) -> None:
        """Make a bucket."""
        httpx.put(f"{self.url}/{name}").raise_for_status()


@contextmanager
def refusing_s3() -> Iterator[RefusingS3]:
    """A running server."""
    application = RefusingS3()
    server = make_server("127.0.0.1", 0, application, threaded=True)
    application.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
