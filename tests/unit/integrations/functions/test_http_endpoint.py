"""HTTP functions, against a real server on the loopback interface."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.integrations.functions.calling import call
from pipeline.integrations.functions.function import HttpFunction
from pipeline.integrations.functions.lambda_context import lambda_context
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json

NOW = 1000.0


class Endpoint(ThreadingHTTPServer):
    """Answers each request with what the test laid down, and keeps what it was asked."""

    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012 (a test replaces it on its own server)
    body = b"null"
    asked: tuple[dict[str, str], bytes] | None = None
    release: threading.Event | None = None


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Endpoint)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked = (dict(self.headers), content)
        if server.release is not None:
            server.release.wait()
            return
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        if server.release is not None:
            server.release.set()
        server.shutdown()
        thread.join()


def invoke(port: int, event: Json = None, timeout: float = 30.0, left: float = 60.0) -> Json:
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    function = HttpFunction(name="score", url=url, queue="q", timeout_seconds=timeout)
    context = lambda_context(
        "score",
        request_id="r-1",
        deadline=NOW + left,
        region="us-east-1",
        account_id="000000000000",
        clock=lambda: NOW,
    )
    return call(function, event, context)


def error_of(port: int, **options: float) -> ExecutionError:
    with pytest.raises(ExecutionError) as caught:
        invoke(port, **options)
    return caught.value


def test_the_event_is_posted_as_json_and_the_result_comes_back(endpoint: Endpoint):
    endpoint.body = '{"score": "높음"}'.encode()
    assert invoke(endpoint.server_port, {"text": "백"}) == {"score": "높음"}
    assert endpoint.asked is not None
    headers, content = endpoint.asked
    assert json.loads(content) == {"text": "백"}
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Amzn-RequestId"] == "r-1"


def test_an_empty_response_is_null(endpoint: Endpoint):
    endpoint.body = b""
    assert invoke(endpoint.server_port) is None


def test_the_document_of_a_function_error_is_its_error_and_cause(endpoint: Endpoint):
    endpoint.body = b'{"errorMessage": "too cold", "errorType": "NotReady", "stackTrace": []}'
    error = error_of(endpoint.server_port)
    assert (error.error, error.cause) == ("NotReady", endpoint.body.decode())


def test_an_error_that_the_header_tells_may_have_no_message(endpoint: Endpoint):
    endpoint.headers = {"X-Amz-Function-Error": "Unhandled"}
    endpoint.body = b'{"errorType": "NotReady"}'
    assert error_of(endpoint.server_port).error == "NotReady"


@pytest.mark.parametrize("body", [b'{"errorMessage": "timed out"}', b"", b"<html>"])
def test_a_function_error_without_a_type_is_unknown(endpoint: Endpoint, body: bytes):
    endpoint.headers = {"X-Amz-Function-Error": "Unhandled"}
    endpoint.body = body
    error = error_of(endpoint.server_port)
    assert error.error == "Lambda.Unknown"
    assert error.cause.endswith(f"Returned payload: {body.decode()}")


def test_a_result_that_is_not_json_is_an_unknown_error(endpoint: Endpoint):
    endpoint.body = b"<html>"
    assert error_of(endpoint.server_port).error == "Lambda.Unknown"


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (302, "Lambda.AWSLambdaException"),
        (400, "Lambda.InvalidRequestContentException"),
        (404, "Lambda.ResourceNotFoundException"),
        (418, "Lambda.AWSLambdaException"),
        (429, "Lambda.TooManyRequestsException"),
        (500, "Lambda.ServiceException"),
        (503, "Lambda.ServiceException"),
    ],
)
def test_a_refusal_has_the_name_that_lambda_gives_its_status(
    endpoint: Endpoint, status: int, name: str
):
    endpoint.status, endpoint.body = status, b"Rate exceeded"
    error = error_of(endpoint.server_port)
    assert error.error == name
    assert error.cause == (
        f"Rate exceeded (Service: Lambda, Status Code: {status}, Request ID: r-1)"
    )


def test_an_endpoint_that_nobody_serves_is_a_client_error():
    with socket.socket() as unserved:
        unserved.bind(("127.0.0.1", 0))
        error = error_of(unserved.getsockname()[1])
    assert error.error == "Lambda.SdkClientException"


def test_an_endpoint_that_breaks_off_is_a_client_error(endpoint: Endpoint):
    endpoint.release = threading.Event()
    endpoint.release.set()
    assert error_of(endpoint.server_port).error == "Lambda.SdkClientException"


def test_a_silent_endpoint_times_out_as_a_lambda_does(endpoint: Endpoint):
    endpoint.release = threading.Event()
    error = error_of(endpoint.server_port, timeout=0.05)
    assert error.error == "Sandbox.Timedout"
    assert json.loads(error.cause)["errorMessage"] == (
        "RequestId: r-1 Error: Task timed out after 0.05 seconds"
    )


def test_the_deadline_of_the_state_is_a_timeout_of_the_state(endpoint: Endpoint):
    endpoint.release = threading.Event()
    assert error_of(endpoint.server_port, left=0.05).error == "States.Timeout"


def test_after_the_deadline_nothing_is_sent(endpoint: Endpoint):
    assert error_of(endpoint.server_port, left=0.0).error == "States.Timeout"
    assert endpoint.asked is None
