"""What the S3 store does about connections: broken ones, and those that came through a fork."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.payloads.object_store import ObjectStoreUnavailable
from pipeline.payloads.opening import open_object_store


class Connections(BaseHTTPRequestHandler):
    """Answers with the port of the client's connection, which names the connection.

    An object called ``broken`` is announced as longer than what is sent.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        missing = 100 if self.path.endswith("broken") else 0
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(missing)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server that the environment leads every S3 client to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Connections) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("connections")
def test_an_object_cut_off_on_its_way_is_not_taken_for_the_whole() -> None:
    store = open_object_store("s3://bucket")
    with pytest.raises(ObjectStoreUnavailable) as caught:
        store.get("broken")
    assert caught.value.uri == "s3://bucket/broken"


FORK = """
import json, os
from pipeline.payloads.opening import open_object_store
store = open_object_store("s3://bucket")
parent = [store.get("a").decode(), store.get("a").decode()]
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, store.get("a"))
    os._exit(0)
os.wait()
print(json.dumps({"parent": parent, "child": os.read(reading, 100).decode()}))
"""


@pytest.mark.usefixtures("connections")
def test_a_forked_process_opens_a_connection_of_its_own() -> None:
    result = subprocess.run(
        [sys.executable, "-c", FORK], check=True, capture_output=True, text=True, timeout=60
    )
    seen = json.loads(result.stdout)
    first, second = seen["parent"]
    assert first == second  # kept open, so a child could have taken it over
    assert seen["child"] != first
