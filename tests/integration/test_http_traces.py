"""What TestState shows of the requests and responses of HTTP tasks, by boto3."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api_server import api_over
from tests.echoing_endpoint import CONNECTIONS, arguments, echoing_endpoint
from tests.platforms import embedded_platform

DEFINED = {
    "Headers": {"X-More": "h", "X-Own": "state"},
    "QueryParameters": {"q": [1, "b"]},
    "RequestBody": {"a": 1},
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with echoing_endpoint() as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of an endpoint that has connections."""
    directory = tmp_path_factory.mktemp("traces")
    file = directory / "connections.toml"
    file.write_text(CONNECTIONS.replace("URL", url))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TEST_SECRET", "hush")
        with (
            embedded_platform(directory, connections_file=file) as platform,
            api_over(platform) as api,
        ):
            yield api.client("stepfunctions")


def trace(client: Any, parameters: Any, **given: Any) -> Any:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": parameters,
        "End": True,
    }
    wanted = {"definition": json.dumps(state), "inspectionLevel": "TRACE"}
    return client.test_state(**(wanted | given))


def headers_of(shown: str) -> dict[str, str]:
    assert (shown[0], shown[-1]) == ("[", "]")
    lines = re.split(r", (?=[\w-]+: )", shown[1:-1])
    return dict(line.split(": ", 1) for line in lines)


def test_a_trace_shows_the_request_and_the_response(client: Any, url: str) -> None:
    shown = trace(client, arguments(url, "basic", **DEFINED))
    data = shown["inspectionData"]
    request, response = data["request"], data["response"]
    headers = headers_of(request.pop("headers"))
    assert request == {
        "protocol": "http",
        "method": "POST",
        "url": f"{url}/path?q=1&q=b",
        "body": '{"a":1}',
    }
    assert (headers["x-more"], headers["x-own"]) == ("h", "state")
    assert headers["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert headers_of(response.pop("headers"))["content-type"] == "application/json"
    body = json.loads(response.pop("body"))
    assert response == {"protocol": "http", "statusCode": "200", "statusMessage": "OK"}
    assert (
        json.loads(shown["output"])["ResponseBody"]
        == body
        == json.loads(data["result"])["ResponseBody"]
    )


@pytest.mark.parametrize("connection", ["basic", "key", "oauth"])
def test_what_a_connection_adds_is_left_out(client: Any, url: str, connection: str) -> None:
    request = trace(client, arguments(url, connection, **DEFINED))["inspectionData"]["request"]
    headers = headers_of(request["headers"])
    assert not {"authorization", "x-key"} & headers.keys()
    assert headers["x-own"] == "state"
    assert (request["url"], request["body"]) == (f"{url}/path?q=1&q=b", '{"a":1}')


def test_secrets_are_revealed_where_that_is_asked_for(client: Any, url: str) -> None:
    shown = trace(client, arguments(url, "key", **DEFINED), revealSecrets=True)
    request = shown["inspectionData"]["request"]
    headers = headers_of(request["headers"])
    assert (headers["x-key"], headers["x-own"]) == ("hush", "from the connection")
    assert request["url"] == f"{url}/path?q=1&q=b&own=yes"
    assert json.loads(request["body"]) == {"a": 1, "own": "too"}
    shown = trace(client, arguments(url, "basic"), revealSecrets=True)
    header = headers_of(shown["inspectionData"]["request"]["headers"])["authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")) == b"me:hush"
    assert "body" not in shown["inspectionData"]["request"]


def test_a_refusal_is_traced_like_a_success(client: Any, url: str) -> None:
    shown = trace(client, arguments(url, ApiEndpoint=f"{url}/status/404"))
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Http.StatusCode.404")
    response = shown["inspectionData"]["response"]
    assert (response["statusCode"], response["statusMessage"]) == ("404", "Not Found")
    assert response["body"] == '{"sorry": true}'


def test_a_request_without_a_response_is_traced(client: Any, url: str) -> None:
    shown = trace(client, arguments(url, ApiEndpoint="http://127.0.0.1:1/"))
    assert shown["error"] == "States.Http.Socket"
    data = shown["inspectionData"]
    assert data["request"]["url"] == "http://127.0.0.1:1/"
    assert "response" not in data


def test_only_a_trace_shows_them_and_only_of_what_was_sent(client: Any, url: str) -> None:
    parameters = arguments(url, "basic")
    debugged = trace(client, parameters, inspectionLevel="DEBUG", revealSecrets=True)
    mocked = trace(client, parameters, mock={"result": "{}"})
    unknown = trace(client, arguments(url, "nobody"))
    for shown in (debugged, mocked, unknown):
        assert not {"request", "response"} & shown["inspectionData"].keys()
    assert "inspectionData" not in trace(client, parameters, inspectionLevel="INFO")
