"""``http:invoke`` against an HTTP server, with each kind of connection."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.language.errors import ExecutionError
from pipeline.services.connections import InvalidConnections, load_connections
from pipeline.services.form_encoding import form_encoded
from pipeline.services.http_task import HttpTask
from tests.machines import only
from tests.platforms import embedded_platform

FILE = """
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


class _Endpoint(BaseHTTPRequestHandler):
    """Tells what it was asked; below ``/token`` it gives tokens, ``/status/404`` is a 404."""

    tokens: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        path = urlsplit(self.path)
        if path.path == "/token":
            self.tokens.append(parse_qs(body))
            token = f"token {len(self.tokens)}"
            return self._answer(200, {"access_token": token, "expires_in": 3600})
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

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep the test's output free of requests."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_SECRET", "hush")
    path = tmp_path / "connections.toml"
    path.write_text(FILE.replace("URL", url))
    return path


@pytest.fixture
def task(file: Path) -> HttpTask:
    return HttpTask(load_connections(file), lambda: 0.0)


def arguments(url: str, connection: str = "basic", **fields: Any) -> dict[str, Any]:
    arn = f"arn:aws:events:us-east-1:000000000000:connection/{connection}/0c8b5f2e"
    return {
        "ApiEndpoint": f"{url}/path",
        "Method": "POST",
        "Authentication": {"ConnectionArn": arn},
        **fields,
    }


def invoke(task: HttpTask, given: Any) -> Any:
    return task.invoke(given)


def test_the_answer_has_status_headers_and_body(task: HttpTask, url: str) -> None:
    request = arguments(
        url, Headers={"X-More": "h"}, QueryParameters={"q": [1, "b"]}, RequestBody={"a": 1}
    )
    answer = invoke(task, request)
    assert (answer["StatusCode"], answer["StatusText"]) == (200, "OK")
    assert answer["Headers"]["content-type"] == ["application/json"]
    body = answer["ResponseBody"]
    assert (body["method"], body["query"], body["body"]) == (
        "POST",
        {"q": ["1", "b"]},
        '{"a":1}',
    )
    assert body["headers"]["x-more"] == "h"
    assert body["headers"]["content-type"] == "application/json"


def test_a_basic_connection_sends_name_and_password(task: HttpTask, url: str) -> None:
    headers = invoke(task, arguments(url))["ResponseBody"]["headers"]
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"me:hush"


def test_what_a_connection_adds_goes_before_the_states_own(task: HttpTask, url: str) -> None:
    own = {"Headers": {"x-own": "state", "x-key": "state"}, "RequestBody": {"own": 1, "a": 2}}
    body = invoke(task, arguments(url, "key", **own))["ResponseBody"]
    assert body["headers"]["x-key"] == "hush"
    assert body["headers"]["x-own"] == "from the connection"
    assert body["query"] == {"own": ["yes"]}
    assert json.loads(body["body"]) == {"own": "too", "a": 2}


def test_an_oauth_token_is_fetched_once_and_again_when_it_is_refused(
    task: HttpTask, url: str
) -> None:
    known = len(_Endpoint.tokens)
    for _ in range(2):
        headers = invoke(task, arguments(url, "oauth"))["ResponseBody"]["headers"]
        assert headers["authorization"] == f"Bearer token {known + 1}"
    assert _Endpoint.tokens[-1] == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": ["hush"],
    }
    with pytest.raises(ExecutionError, match=r"States\.Http\.StatusCode\.401"):
        invoke(task, arguments(url, "oauth", ApiEndpoint=f"{url}/status/401"))
    headers = invoke(task, arguments(url, "oauth"))["ResponseBody"]["headers"]
    assert headers["authorization"] == f"Bearer token {known + 2}"


def error_of(task: HttpTask, given: Any) -> ExecutionError:
    with pytest.raises(ExecutionError) as caught:
        invoke(task, given)
    return caught.value


def test_a_refusal_is_an_error_with_its_status_and_body(task: HttpTask, url: str) -> None:
    refused = error_of(task, arguments(url, ApiEndpoint=f"{url}/status/404"))
    assert (refused.error, refused.cause) == ("States.Http.StatusCode.404", '{"sorry": true}')


def test_an_endpoint_that_is_not_there_is_a_socket_error(task: HttpTask, url: str) -> None:
    assert error_of(task, arguments(url, ApiEndpoint="http://127.0.0.1:1/")).error == (
        "States.Http.Socket"
    )


def test_an_answer_above_the_limit_is_not_taken(task: HttpTask, url: str) -> None:
    refused = error_of(task, arguments(url, ApiEndpoint=f"{url}/large"))
    assert refused.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Verb": "GET"}, 'The field "Verb" is not supported by Step Functions'),
        ({"Method": "BREW"}, 'The value for the field "Method" must be one of'),
        ({"ApiEndpoint": "ftp://x"}, 'The value for the field "ApiEndpoint" must be a URL'),
        ({"Headers": {"Host": "x"}}, 'The header "Host" is not supported by Step Functions'),
        ({"Headers": [1]}, 'The value for the field "Headers" must be an OBJECT'),
        ({"Authentication": {}}, 'The field "ConnectionArn" is required but was missing'),
    ],
)
def test_wrong_parameters_are_a_runtime_error(
    task: HttpTask, url: str, fields: dict[str, Any], reason: str
) -> None:
    refused = error_of(task, arguments(url, **fields))
    assert refused.error == "States.Runtime"
    assert reason in refused.cause


def test_an_unknown_connection_is_a_runtime_error(task: HttpTask, url: str) -> None:
    refused = error_of(task, arguments(url, "nobody"))
    assert (refused.error, "connection/nobody/" in refused.cause) == ("States.Runtime", True)


@pytest.mark.parametrize(
    ("array_format", "encoded"),
    [
        ("INDICES", "a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=true"),
        ("REPEAT", "a=1&a=x+y&b%5Bc%5D=true"),
        ("COMMAS", "a=1%2Cx+y&b%5Bc%5D=true"),
        ("BRACKETS", "a%5B%5D=1&a%5B%5D=x+y&b%5Bc%5D=true"),
    ],
)
def test_a_form_is_encoded_as_the_transform_says(
    task: HttpTask, url: str, array_format: str, encoded: str
) -> None:
    transform = {
        "RequestBodyEncoding": "URL_ENCODED",
        "RequestEncodingOptions": {"ArrayFormat": array_format},
    }
    form: dict[str, Any] = {"a": [1, "x y"], "b": {"c": True}}
    body = invoke(task, arguments(url, RequestBody=form, Transform=transform))["ResponseBody"]
    assert body["body"] == encoded == form_encoded(form, array_format)
    assert body["headers"]["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[connections.c]\ntype = "BASIC"\nusername = "u"\n', "c.BASIC.password_variable"),
        ('[connections.c]\ntype = "PLAIN"\n', "c: Input tag 'PLAIN'"),
        (
            '[connections.c]\ntype = "API_KEY"\nname = "n"\nvalue_variable = "NO_SUCH_ONE"\n',
            "the environment variable NO_SUCH_ONE is not set",
        ),
        ("[other]\n", "expected [connections.<name>] tables only"),
        ("connections = ", "Invalid value"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "connections.toml"
    path.write_text(text)
    with pytest.raises(InvalidConnections) as refused:
        load_connections(path)
    assert problem in str(refused.value)


def test_a_state_machine_calls_an_endpoint(file: Path, url: str, tmp_path: Path) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": arguments(url, "key", **{"Method": "GET"}),
        "ResultSelector": {"status.$": "$.StatusCode", "key.$": "$.ResponseBody.headers.x-key"},
        "End": True,
    }
    with embedded_platform(tmp_path, connections_file=file) as platform:
        execution = platform.start(only(state))
        assert platform.wait(execution).output == {"status": 200, "key": "hush"}
        assert platform.history(execution)[2].details["resourceType"] == "http"
