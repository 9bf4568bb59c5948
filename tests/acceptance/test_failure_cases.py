"""Every failure ends in the state that the contract names, with its event published."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from config.asl.state_machine_files import read_definition
from config.local_deployment import local_deployment
from tasks.smart_statebag.bag.state_bucket import load_from_s3, state_storage
from tests.acceptance.failures import asking, assert_failed, outlast_retries, simple
from tests.acceptance.faulty_functions import (
    FAULTY,
    MISSING_FIELDS,
    NULL_RESULT,
    NULL_STATE_DATA,
    UNKNOWN_ACTION,
    UNKNOWN_STATUS,
)
from tests.acceptance.published_events import PublishedEvents, listening
from tests.acceptance.refusing_s3 import RefusingS3, refusing_s3
from tests.acceptance.smart_statebag import SmartStateBag, embedded_statebag
from tests.acceptance.state_machine_documents import FILE_OF
from tests.acceptance.workflows import KOREAN_TEXT, node

DAY = 86400


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path_factory.mktemp("statebag"), altered=FAULTY) as made:
        yield made


@pytest.fixture
def events(statebag: SmartStateBag) -> Iterator[PublishedEvents]:
    with listening(statebag.platform) as heard:
        yield heard


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[RefusingS3]:
    with refusing_s3() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("STATE_STORAGE_BUCKET", "failing-states")
        server.create_bucket("failing-states")
        yield server


def is_new_state(path: str) -> bool:
    return "/state/main/" in path


def test_a_failing_put_is_retried_and_nothing_is_truncated(s3: RefusingS3, tmp_path: Path) -> None:
    with embedded_statebag(tmp_path) as bag:
        s3.refuses = is_new_state
        execution = bag.start("C", simple(text=KOREAN_TEXT))
        bag.platform.until(lambda: "TaskFailed" in bag.platform.types(execution))
        s3.refuses = lambda path: False
        recorded = outlast_retries(bag, execution)
        assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
        assert recorded.final_state == {"text": KOREAN_TEXT}
    [failure] = [each["taskFailedEventDetails"] for each in recorded.events if is_failure(each)]
    assert failure["error"] == "StorageUnavailable"
    assert len(recorded.entered("ExecuteSegment")) == 1


def is_failure(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "TaskFailed")


@pytest.mark.slow
def test_a_put_that_keeps_failing_ends_the_execution_with_its_last_state_whole(
    s3: RefusingS3, tmp_path: Path
) -> None:
    with embedded_statebag(tmp_path) as bag, listening(bag.platform) as events:
        s3.refuses = is_new_state
        execution = bag.start("C", simple(), initial_state={"text": "잎"})
        recorded = outlast_retries(bag, execution)
        event = assert_failed(recorded, events, "StorageUnavailable")
        assert load_from_s3(event["state_s3_path"]) == {"text": "잎"}
    assert recorded.states[-2:] == ["NotifyAndFail", "WorkflowFailed"]


def file_of(statebag: SmartStateBag, pointer: str) -> Path:
    directory = statebag.platform.engine.settings.s3_directory
    assert directory is not None
    address = urlsplit(pointer)
    return directory / address.netloc / address.path.removeprefix("/")


WAITS = {"A": "WaitForCallback", "C": "WaitForHITPCallback"}


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before would hide a damage."""
    monkeypatch.setenv("STATE_CACHE_ENTRIES", "0")


@pytest.mark.slow
@pytest.mark.usefixtures("no_cache")
@pytest.mark.parametrize("code", WAITS)
@pytest.mark.parametrize(
    ("damage", "error"), [("gone", "StorageUnavailable"), ("changed", "IntegrityError")]
)
def test_a_damaged_state_document_is_a_typed_error(
    statebag: SmartStateBag, events: PublishedEvents, damage: str, error: str, code: str
) -> None:
    execution = statebag.start(code, asking(), MOCK_MODE="false")
    statebag.open_questions(execution)
    before = statebag.recorded(execution, None)
    pointer = before.entered(WAITS[code])[0]["state_data"]["state_s3_path"]
    stored = file_of(statebag, pointer)
    if damage == "gone":
        stored.unlink()
    else:
        stored.write_bytes(stored.read_bytes().replace("가".encode(), "나".encode()))
    statebag.answer(execution, {"action": "APPROVED"})
    assert_failed(outlast_retries(statebag, execution), events, error)


@pytest.mark.parametrize("code", "CD")
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (UNKNOWN_ACTION, "UnknownAction"),
        (NULL_STATE_DATA, "InvalidInput"),
        (NULL_RESULT, "UnknownStatus"),
        (UNKNOWN_STATUS, "UnknownStatus"),
    ],
)
def test_a_fault_between_functions_ends_in_workflow_failed(
    statebag: SmartStateBag, events: PublishedEvents, code: str, fault: str, error: str
) -> None:
    recorded = statebag.run(code, simple(), workflowId=fault)
    assert_failed(recorded, events, error)
    assert recorded.states[-2:] == ["NotifyAndFail", "WorkflowFailed"]


@pytest.mark.slow
@pytest.mark.parametrize("code", "CD")
def test_a_result_without_the_fields_that_the_state_machine_reads_fails_beyond_any_catcher(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.run(code, simple(), workflowId=MISSING_FIELDS)
    assert (recorded.ended.status, recorded.ended.error) == ("FAILED", "States.Runtime")


INIT_ENDS = {"A": "InitializationFailed", "B": "InitializationFailed"}
INIT_EVENTS = {"A": "HandleInitFailure", "B": "HandleInitFailure"}


@pytest.mark.parametrize("code", "ABCD")
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"ownerId": None}, "InvalidInput"),
        ({"workflowId": None}, "InvalidInput"),
        ({"workflow_config": {"nodes": None}, "workflow_config_s3_path": None}, None),
    ],
)
def test_null_input_ends_in_initialization_failed(
    statebag: SmartStateBag,
    events: PublishedEvents,
    code: str,
    given: dict[str, Any],
    error: str | None,
) -> None:
    recorded = statebag.run(code, simple(), **given)
    end = INIT_ENDS.get(code, "FailInitialization")
    assert_failed(recorded, events, error or "InvalidWorkflowConfig", end=end)
    assert recorded.states[-2] == INIT_EVENTS.get(code, "NotifyAndFailInit")


@pytest.mark.parametrize("code", "ABCD")
def test_a_missing_owner_ends_before_anything_is_initialised(
    statebag: SmartStateBag, code: str
) -> None:
    values = local_deployment(statebag.platform.engine.settings).substitutions()
    definition = json.loads(read_definition(FILE_OF[code], values))
    execution = statebag.platform.start(definition, {"workflowId": "w"})
    recorded = statebag.finish(execution)
    assert recorded.states[1:] == [INIT_ENDS.get(code, "FailInitialization")]


@pytest.mark.parametrize("code", "CD")
def test_an_answer_that_never_comes_ends_in_workflow_failed(
    statebag: SmartStateBag, events: PublishedEvents, code: str
) -> None:
    execution = statebag.start(code, asking(), MOCK_MODE="false")
    statebag.open_questions(execution)
    statebag.clock.skipped += DAY + 1
    recorded = statebag.finish(execution)
    assert_failed(recorded, events, "States.Timeout")
    assert recorded.states[-2:] == ["NotifyAndFail", "WorkflowFailed"]


class RefusingModel(BaseHTTPRequestHandler):
    """An LLM endpoint that takes no request."""

    def do_POST(self) -> None:
        self.send_error(400, "no such model")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), RefusingModel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("refusing_model")
@pytest.mark.parametrize("code", "AC")
def test_asynchronous_work_that_fails_ends_in_workflow_failed(
    statebag: SmartStateBag, events: PublishedEvents, code: str
) -> None:
    ask = node("ask", "llm_chat", prompt_content="x", **{"async": True})
    recorded = statebag.run(code, {"nodes": [ask], "edges": []}, MOCK_MODE="false")
    assert_failed(recorded, events, "LLMRequestRefused")
    statuses = [event["status"] for event in events.of(recorded.arn)]
    assert statuses == ["RUNNING", "ASYNC_LLM_PROCESSING", "FAILED"]


@pytest.mark.parametrize("code", "AC")
def test_a_pointer_to_what_another_owner_has_is_refused(
    statebag: SmartStateBag, events: PublishedEvents, code: str
) -> None:
    theirs = state_storage().write("workflow-states/other/flow/run.00000000/fields/a", {"a": 1})
    recorded = statebag.run(code, simple(), initial_state_s3_path=theirs.path)
    end = INIT_ENDS.get(code, "FailInitialization")
    assert_failed(recorded, events, "PointerOutOfScope", end=end)


@pytest.mark.parametrize("code", "AC")
def test_what_looks_like_a_pointer_into_another_execution_stays_data(
    statebag: SmartStateBag, code: str
) -> None:
    other = statebag.succeed("C", simple(secret="차"))
    looks = {
        "type": "s3_reference",
        "s3_path": other.bag["state_s3_path"],
        "size_bytes": 1,
        "size_kb": 1,
        "sha256": "0" * 64,
        "stored_at": "2024-01-01T00:00:00Z",
    }
    recorded = statebag.succeed(code, simple(found=looks))
    assert recorded.final_state == {"found": looks}
