"""``http:invoke`` against an HTTP server, with each kind of connection."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.integrations.services import http_task
from pipeline.integrations.services.connections import InvalidConnections, load_connections
from pipeline.integrations.services.form_encoding import form_encoded
from pipeline.integrations.services.http_task import HttpTask
from pipeline.language.errors import ExecutionError
from tests.echoing_endpoint import CONNECTIONS, EchoingEndpoint, arguments, echoing_endpoint
from tests.machines import only
from tests.platforms import PATIENCE, embedded_platform


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with echoing_endpoint() as url:
        yield url


@pytest.fixture
def file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEST_SECRET", "hush")
    path = tmp_path / "connections.toml"
    path.write_text(CONNECTIONS.replace("URL", url))
    return path


@pytest.fixture
def task(file: Path) -> HttpTask:
    return HttpTask(load_connections(file), lambda: 0.0, region="eu-west-1")


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


def test_an_endpoint_is_told_what_aws_tells_it_unless_the_state_says_otherwise(
    task: HttpTask, url: str
) -> None:
    headers = invoke(task, arguments(url))["ResponseBody"]["headers"]
    assert headers["user-agent"] == "Amazon|StepFunctions|HttpInvoke|eu-west-1"
    assert headers["range"] == "bytes=0-262144"
    own = invoke(task, arguments(url, Headers={"Range": "bytes=0-9", "User-Agent": "me"}))
    assert own["ResponseBody"]["headers"]["range"] == "bytes=0-9"
    assert own["ResponseBody"]["headers"]["user-agent"] == "me"


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
    known = len(EchoingEndpoint.tokens)
    for _ in range(2):
        headers = invoke(task, arguments(url, "oauth"))["ResponseBody"]["headers"]
        assert headers["authorization"] == f"Bearer token {known + 1}"
    assert EchoingEndpoint.tokens[-1] == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": ["hush"],
    }
    for number, status in enumerate((401, 403, 407), start=2):
        with pytest.raises(ExecutionError, match=rf"States\.Http\.StatusCode\.{status}"):
            invoke(task, arguments(url, "oauth", ApiEndpoint=f"{url}/status/{status}"))
        headers = invoke(task, arguments(url, "oauth"))["ResponseBody"]["headers"]
        assert headers["authorization"] == f"Bearer token {known + number}"


def test_a_slow_authorization_server_holds_up_nobody_elses_connections(
    file: Path, url: str
) -> None:
    oauth = CONNECTIONS[CONNECTIONS.index("[connections.oauth]") :]
    slow = oauth.replace("connections.oauth", "connections.slow").replace("/token", "/token/slow")
    file.write_text((CONNECTIONS + slow).replace("URL", url))
    task = HttpTask(load_connections(file), lambda: 0.0, region="eu-west-1")
    waiting = threading.Thread(target=invoke, args=(task, arguments(url, "slow")))
    waiting.start()
    try:
        assert EchoingEndpoint.slow_is_asked.wait(PATIENCE)
        assert invoke(task, arguments(url, "oauth"))["StatusCode"] == 200
    finally:
        EchoingEndpoint.slow_may_answer.set()
        waiting.join()


def test_connections_of_other_scopes_have_tokens_of_their_own(
    file: Path, url: str, task: HttpTask
) -> None:
    scoped = CONNECTIONS.replace("URL", url).replace("connections.oauth", "connections.scoped")
    scoped += 'authorization_parameters = { scope = "write" }\n'
    file.write_text(
        CONNECTIONS.replace("URL", url) + scoped[scoped.index("[connections.scoped]") :]
    )
    both = HttpTask(load_connections(file), lambda: 0.0, region="eu-west-1")
    tokens = [
        invoke(both, arguments(url, name))["ResponseBody"]["headers"]["authorization"]
        for name in ("oauth", "scoped")
    ]
    assert tokens[0] != tokens[1]
    assert EchoingEndpoint.tokens[-1]["scope"] == ["write"]


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
    assert "'arn:aws:states:::http:invoke' returned a result" in refused.cause


def test_an_answer_that_never_ends_is_given_up(
    task: HttpTask, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoke(task, arguments(url))  # what makes the client, for whom this limit is not meant
    monkeypatch.setattr(http_task, "_SECONDS", 0.0)
    refused = error_of(task, arguments(url, ApiEndpoint=f"{url}/endless"))
    assert refused.error == "States.Http.Socket"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Verb": "GET"}, 'The field "Verb" is not supported by Step Functions'),
        ({"Method": "BREW"}, 'The value for the field "Method" must be one of'),
        ({"ApiEndpoint": "ftp://x"}, 'The value for the field "ApiEndpoint" must be a URL'),
        ({"Headers": {"Host": "x"}}, 'The header "Host" is not supported by Step Functions'),
        ({"Headers": {"X-Amzn-Id": "x"}}, 'The header "X-Amzn-Id" is not supported'),
        ({"Headers": {"x-amz-date": "x"}}, 'The header "x-amz-date" is not supported'),
        ({"Headers": {"X-Forwarded-For": "x"}}, 'The header "X-Forwarded-For" is not supported'),
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
