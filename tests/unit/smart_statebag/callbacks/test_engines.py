"""Where task tokens are answered: an engine in this process, or the Step Functions API (7.4)."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tasks.smart_statebag.bag.errors import MissingSetting, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.callbacks import (
    InvalidToken,
    TaskTimedOut,
    callbacks,
    state_machines,
)
from tests.process_services import Offer

REQUESTS: list[tuple[str, Json]] = []


class TaskDoesNotExist(Exception):
    """As another package would call it."""


class OwnEngine:
    """An engine whose classes this package does not know."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Json]] = []

    def send_task_success(self, token: str, output: Json) -> None:
        if token == "late":
            raise TaskDoesNotExist("the task has ended")
        if token == "broken":
            raise KeyError("a fault of its own")
        self.taken.append((token, output))

    def describe_execution(self, execution_arn: str) -> dict[str, str]:
        return {"input": json.dumps({"arn": execution_arn})}


ENGINE = OwnEngine()


class Api(BaseHTTPRequestHandler):
    """Speaks the protocol of the API; the token decides the answer."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = self.headers["X-Amz-Target"].rpartition(".")[2]
        REQUESTS.append((action, body))
        error = body.get("taskToken")
        known = error in {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken", "AccessDenied"}
        status, answer = (400, {"__type": error, "message": "no"}) if known else (200, {})
        if action == "DescribeExecution":
            answer = {"input": '{"a":1}', "output": '{"b":2}', "status": "SUCCEEDED"}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    REQUESTS.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.delenv("CALLBACK_ENGINE", raising=False)
    yield endpoint
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("api")
def test_the_api_is_sent_successes_failures_and_heartbeats() -> None:
    callbacks().send_task_success("token-1", {"글": "차"})
    callbacks().send_task_failure("token-2", "Error", "because")
    callbacks().send_task_heartbeat("token-3")

    assert REQUESTS == [
        ("SendTaskSuccess", {"taskToken": "token-1", "output": '{"글":"차"}'}),
        ("SendTaskFailure", {"taskToken": "token-2", "error": "Error", "cause": "because"}),
        ("SendTaskHeartbeat", {"taskToken": "token-3"}),
    ]


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("TaskTimedOut", TaskTimedOut),
        ("TaskDoesNotExist", TaskTimedOut),
        ("InvalidToken", InvalidToken),
        ("AccessDenied", StorageUnavailable),
    ],
)
def test_an_error_of_the_api_has_a_type(answer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        callbacks().send_task_success(answer, {})


@pytest.mark.usefixtures("api")
def test_the_api_describes_executions() -> None:
    assert state_machines().describe_execution("arn-1") == {"input": '{"a":1}', "output": '{"b":2}'}


def test_an_api_that_is_not_there_is_a_retryable_error(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:1")

    with pytest.raises(StorageUnavailable):
        callbacks().send_task_heartbeat("token-1")


def test_an_engine_of_the_process_comes_before_every_setting(offer: Offer) -> None:
    engine = OwnEngine()
    offer(engine=engine)

    callbacks().send_task_success("token-1", [1])

    assert engine.taken == [("token-1", [1])]
    assert state_machines().describe_execution("x") == {"input": '{"arn": "x"}'}


def test_a_setting_names_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBACK_ENGINE", f"{__name__}:ENGINE")

    callbacks().send_task_success("token-2", None)

    assert ENGINE.taken[-1] == ("token-2", None)


@pytest.mark.parametrize("name", ["no.such.module:ENGINE", "json:no_such_thing", "json", ":x"])
def test_a_setting_that_names_no_engine_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLBACK_ENGINE", name)

    with pytest.raises(MissingSetting, match="CALLBACK_ENGINE"):
        callbacks()


def test_the_refusals_of_an_engine_are_known_by_their_names(offer: Offer) -> None:
    offer(engine=OwnEngine())

    with pytest.raises(TaskTimedOut, match="the task has ended"):
        callbacks().send_task_success("late", None)


def test_a_fault_of_an_engine_stays_what_it_is(offer: Offer) -> None:
    offer(engine=OwnEngine())

    with pytest.raises(KeyError):
        callbacks().send_task_success("broken", None)
