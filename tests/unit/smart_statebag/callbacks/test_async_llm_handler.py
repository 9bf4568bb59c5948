"""AsyncLLMHandler, with ExecuteSegment itself and a language model over HTTP (Contract 7.4)."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import ClassVar

import pytest

from tasks.smart_statebag.async_llm_handler import lambda_handler, process_handler
from tasks.smart_statebag.bag.errors import InvalidInput, MissingSetting
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.partitioning import partition
from tests.bags import ARN, identity
from tests.process_services import Offer
from tests.waiting_engine import WaitingEngine

PATIENCE_SECONDS = 30


class Model(BaseHTTPRequestHandler):
    """A language model that answers once it is allowed to."""

    status: ClassVar[int] = 200
    allowed: ClassVar[Event] = Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        allowed = self.allowed.wait(PATIENCE_SECONDS)
        answer = {"choices": [{"message": {"content": "two lines"}}]}
        content = json.dumps(answer if allowed else {}).encode()
        self.send_response(self.status if allowed else 500)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


class ListeningEngine(WaitingEngine):
    """Calls back at each heartbeat."""

    def __init__(self, token: str, on_heartbeat: Callable[[], None]) -> None:
        super().__init__(waiting={token})
        self._on_heartbeat = on_heartbeat

    def send_task_heartbeat(self, token: str) -> None:
        try:
            super().send_task_heartbeat(token)
        finally:
            self._on_heartbeat()


@pytest.fixture
def engine(offer: Offer) -> WaitingEngine:
    engine = ListeningEngine("token-1", Model.allowed.set)
    offer(engine=engine)
    return engine


@pytest.fixture
def bag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JsonObject:
    """A bag whose only segment asks the model, and may be asynchronous."""
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "states").as_uri())
    monkeypatch.delenv("ASYNC_DISPATCH", raising=False)
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    node: JsonObject = {
        "id": "write",
        "type": "llm_chat",
        "config": {
            "prompt_content": "Two lines",
            "output_key": "text",
            "async": True,
            "retry_config": {"max_retries": 0},
        },
    }
    configuration = normalise({"nodes": [node], "edges": []})
    storage, keys = state_storage(), keys_of(identity())
    partition_map: list[Json] = list(partition(configuration))
    return {
        **identity(),
        "workflow_config_s3_path": storage.write(keys.config(), configuration).path,
        "state_s3_path": storage.write(keys.state("init", loop=0, segment=0), {}).path,
        "partition_map": partition_map,
        "segment_to_run": 0,
        "loop_counter": 0,
        "total_segments": 1,
        "merge_policy": "last_wins",
        "node_error_policy": "fail",
        "MOCK_MODE": "false",
    }


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Model]]:
    Model.status = 200
    Model.allowed.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield Model
    server.shutdown()
    thread.join()
    server.server_close()


def event(bag: JsonObject) -> JsonObject:
    return {"TaskToken": "token-1", "execution_id": ARN, "state_data": bag}


@pytest.mark.usefixtures("model")
def test_the_complete_result_goes_to_whoever_waits(engine: WaitingEngine, bag: JsonObject) -> None:
    answer = lambda_handler(event(bag))

    assert answer == {"dispatched": "inline", "status": "COMPLETE"}
    result = engine.successes["token-1"]
    assert isinstance(result, dict)
    assert {"status", "final_state_s3_path", "next_segment_to_run", "error_info"} <= result.keys()
    state = state_storage().read(str(result["final_state_s3_path"]))
    assert isinstance(state, dict)
    assert state["text"] == "two lines"


@pytest.mark.usefixtures("model")
def test_the_flat_event_of_the_legacy_machine_gives_the_same(
    engine: WaitingEngine, bag: JsonObject
) -> None:
    lambda_handler({**bag, "TaskToken": "token-1"})

    result = engine.successes["token-1"]
    assert isinstance(result, dict)
    assert result["status"] == "COMPLETE"


def test_heartbeats_go_on_while_the_model_works(
    engine: WaitingEngine,
    bag: JsonObject,
    model: type[Model],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASYNC_HEARTBEAT_SECONDS", "0.01")
    model.allowed.clear()  # until a heartbeat has been sent

    lambda_handler(event(bag))

    assert engine.heartbeats
    assert "token-1" in engine.successes


def test_work_nobody_waits_for_any_more_ends_without_an_error(
    engine: WaitingEngine,
    bag: JsonObject,
    model: type[Model],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASYNC_HEARTBEAT_SECONDS", "0.01")
    model.allowed.clear()
    engine.waiting.clear()

    assert lambda_handler(event(bag))["status"] == "COMPLETE"
    assert (engine.successes, engine.heartbeats) == ({}, [])


def test_a_failing_segment_fails_the_state_with_its_error_name(
    engine: WaitingEngine, bag: JsonObject, model: type[Model]
) -> None:
    model.status = 400

    assert lambda_handler(event(bag))["status"] == "FAILED"

    error, cause = engine.failures["token-1"]
    assert error == "LLMRequestRefused"
    assert cause.startswith("HTTP 400")


def test_an_error_of_the_contract_keeps_its_name(engine: WaitingEngine, bag: JsonObject) -> None:
    lambda_handler(event({**bag, "segment_to_run": 7}))

    assert engine.failures["token-1"][0] == "SegmentOutOfRange"


def test_any_other_exception_has_the_name_of_the_handler_and_a_short_cause(
    engine: WaitingEngine, bag: JsonObject
) -> None:
    # A condition of the map that no configuration would be accepted with.
    entry: JsonObject = {"id": 0, "type": "normal", "conditions": [{"condition": "(" * 5000}]}

    lambda_handler(event({**bag, "partition_map": [entry]}))

    error, cause = engine.failures["token-1"]
    assert error == "AsyncLLMProcessingFailed"
    assert 0 < len(cause) <= 4096


def test_an_event_without_a_token_is_refused(bag: JsonObject) -> None:
    with pytest.raises(InvalidInput, match="TaskToken"):
        lambda_handler({"state_data": bag})


@pytest.mark.usefixtures("model")
def test_work_may_be_left_to_the_workers_of_the_queue_llm(
    engine: WaitingEngine, bag: JsonObject, monkeypatch: pytest.MonkeyPatch, offer: Offer
) -> None:
    sent: list[tuple[str, JsonObject]] = []
    monkeypatch.setenv("ASYNC_DISPATCH", "celery")
    offer(send_to_queue=lambda queue, given: sent.append((queue, given)))

    answer = lambda_handler(event(bag))

    assert answer == {"dispatched": "celery", "status": "QUEUED"}
    assert engine.successes == {}
    [(queue, message)] = sent
    assert queue == "llm"
    process_handler(message)
    assert "token-1" in engine.successes


def test_a_queue_without_a_worker_to_publish_is_refused(
    bag: JsonObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNC_DISPATCH", "celery")

    with pytest.raises(MissingSetting, match="ASYNC_DISPATCH"):
        lambda_handler(event(bag))


def test_an_unknown_way_to_dispatch_is_refused(
    bag: JsonObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASYNC_DISPATCH", "pigeon")

    with pytest.raises(InvalidInput, match="ASYNC_DISPATCH"):
        lambda_handler(event(bag))
