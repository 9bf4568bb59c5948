"""Numbering: the ids of events, and which event led to which, whatever order children commit in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from celery import Celery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.opening import open_engine
from pipeline.executions.history import execution_history
from pipeline.executions.history_shapes import details_shape
from pipeline.interpreter.frame_codec import encode_events
from pipeline.language.history_event import HistoryEvent, dead_end_of
from pipeline.language.json_value import Json, dump_bytes
from pipeline.ledger.history import append
from pipeline.ledger.rows import HistoryBatch

ROOT = "execution"
NOW = 1_700_000_000.25


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(Settings(data_dir=tmp_path, offload_threshold_bytes=64), Celery())
    yield made
    made.database.dispose()


@dataclass(slots=True)
class Recording:
    """Writes batches as transitions do."""

    engine: Engine
    history_id: str = ROOT
    written: list[tuple[str, int]] = field(default_factory=list)

    def batch(
        self, frame_id: str, *events: HistoryEvent, parent: str | None = None, ends: bool = False
    ) -> None:
        packed = encode_events(events, self.engine.pack(self.history_id))
        row = HistoryBatch(
            history_id=self.history_id,
            frame_id=frame_id,
            parent_id=parent,
            ends=ends,
            dead_end=dead_end_of(events),
            length=len(events),
            events=packed,
        )
        with self.engine.database.durable() as connection:
            append(connection, [row])
        self.written.append((frame_id, len(events)))

    def passes(self, frame_id: str, count: int, **options: Any) -> None:
        self.batch(frame_id, *[event("PassStateEntered", name="P", input=1)] * count, **options)

    def read(self) -> list[dict[str, Any]]:
        return list(execution_history(self.engine, self.history_id))

    def previous(self) -> list[int]:
        return [event["previousEventId"] for event in self.read()]


def event(type_: str, **details: Json) -> HistoryEvent:
    return HistoryEvent(type=type_, timestamp=NOW, details=dict(details))


def test_a_sequence_is_a_chain_that_begins_after_the_start(engine: Engine) -> None:
    recording = Recording(engine)
    recording.passes(ROOT, 2)
    recording.passes(ROOT, 1, ends=True)
    assert [(event["id"], event["previousEventId"]) for event in recording.read()] == [
        (1, 0),
        (2, 0),
        (3, 2),
    ]


def test_a_child_follows_its_parents_fan_out_and_the_join_follows_the_child_that_ended_last(
    engine: Engine,
) -> None:
    recording = Recording(engine)
    recording.passes(ROOT, 2)
    recording.passes("a", 1, parent=ROOT)
    recording.passes("b", 1, parent=ROOT)
    recording.passes("b", 1, parent=ROOT, ends=True)
    recording.passes("a", 1, parent=ROOT, ends=True)
    recording.passes(ROOT, 2)
    assert recording.previous() == [0, 0, 2, 2, 4, 3, 6, 7]


def test_a_second_fan_out_of_a_frame_does_not_follow_the_children_of_the_first(
    engine: Engine,
) -> None:
    recording = Recording(engine)
    recording.passes(ROOT, 1)
    recording.passes("a", 1, parent=ROOT, ends=True)
    recording.passes(ROOT, 1)
    recording.passes("c", 1, parent=ROOT, ends=True)
    recording.passes(ROOT, 1)
    assert recording.previous() == [0, 0, 2, 3, 4]


def types(*names: str) -> list[HistoryEvent]:
    return [event(name) for name in names]


ITERATION = types("MapIterationStarted", "PassStateEntered", "PassStateExited")
MAP_STARTS = types("ExecutionStarted", "MapStateEntered", "MapStateStarted")
MAP_ENDS = types("MapStateSucceeded", "MapStateExited", "ExecutionSucceeded")
SUCCEEDED = types("MapIterationSucceeded")


def test_an_iteration_follows_the_states_of_the_one_that_ended_before(engine: Engine) -> None:
    recording = Recording(engine)
    recording.batch(ROOT, *MAP_STARTS)
    for name in ("a", "b"):
        recording.batch(name, *ITERATION, *SUCCEEDED, parent=ROOT, ends=True)
    recording.batch(ROOT, *MAP_ENDS, ends=True)
    assert recording.previous() == [0, 0, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11, 11, 13]


def test_iterations_that_run_at_once_follow_the_start_of_their_map(engine: Engine) -> None:
    recording = Recording(engine)
    recording.batch(ROOT, *MAP_STARTS)
    recording.batch("a", *ITERATION, parent=ROOT)
    recording.batch("b", *ITERATION, parent=ROOT)
    recording.batch("a", *SUCCEEDED, parent=ROOT, ends=True)
    recording.batch("c", *ITERATION, *SUCCEEDED, parent=ROOT, ends=True)
    recording.batch("b", *SUCCEEDED, parent=ROOT, ends=True)
    recording.batch(ROOT, *MAP_ENDS)
    assert recording.previous() == [0, 0, 2, 3, 4, 5, 3, 7, 8, 6, 6, 11, 12, 13, 9, 15, 15, 17]


def test_a_map_that_is_tried_again_follows_the_states_of_the_iteration_that_failed(
    engine: Engine,
) -> None:
    recording = Recording(engine)
    recording.batch(ROOT, *MAP_STARTS)
    failing = types("MapIterationStarted", "FailStateEntered", "MapIterationFailed")
    recording.batch("a", *failing, parent=ROOT, ends=True)
    recording.batch(ROOT, *types("MapStateStarted"))
    recording.batch("b", *failing, parent=ROOT, ends=True)
    recording.batch(ROOT, *types("MapStateFailed", "ExecutionFailed"), ends=True)
    assert recording.previous() == [0, 0, 2, 3, 4, 5, 5, 7, 8, 9, 9, 11]


def test_the_history_of_a_child_execution_begins_by_itself(engine: Engine) -> None:
    Recording(engine).passes(ROOT, 3)
    recording = Recording(engine, history_id="child")
    recording.passes("child", 2, parent=ROOT, ends=True)
    assert recording.previous() == [0, 0]


def test_an_execution_without_history_has_no_events(engine: Engine) -> None:
    assert Recording(engine).read() == []


@given(data=st.data())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_ids_count_up_and_no_event_follows_the_start(engine: Engine, data: st.DataObject) -> None:
    recording = Recording(engine, history_id=uuid4().hex)
    root = recording.history_id
    recording.passes(root, data.draw(st.integers(1, 3)))
    parents: dict[str, str | None] = {root: None}
    running = [root]
    for number in range(data.draw(st.integers(0, 12))):
        parent = data.draw(st.sampled_from(running))
        frame = data.draw(st.sampled_from([*running, f"{root}.{number}"]))
        parents.setdefault(frame, parent)
        ends = frame != root and data.draw(st.booleans())
        recording.passes(frame, data.draw(st.integers(1, 3)), parent=parents[frame], ends=ends)
        running = [name for name in running if name != frame] + [frame] * (not ends)
    events = recording.read()
    count = sum(number for _, number in recording.written)
    assert [event["id"] for event in events] == list(range(1, count + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    assert 1 not in {event["previousEventId"] for event in events}


def test_documents_are_json_text_and_marked_as_whole_where_aws_marks_them(engine: Engine) -> None:
    recording = Recording(engine)
    large: Json = ["x" * 100]
    recording.batch(
        ROOT,
        event("TaskStateEntered", name="T", input={"a": [1, "é"]}),
        event(
            "TaskScheduled",
            resourceType="lambda",
            resource="invoke",
            region="eu-west-1",
            parameters=large,
            timeoutInSeconds=5,
        ),
        event("LambdaFunctionStarted"),
    )
    entered, scheduled, started = recording.read()
    assert entered["stateEnteredEventDetails"] == {
        "name": "T",
        "input": '{"a":[1,"é"]}',
        "inputDetails": {"truncated": False},
    }
    assert scheduled["taskScheduledEventDetails"] == {
        "resourceType": "lambda",
        "resource": "invoke",
        "region": "eu-west-1",
        "parameters": f'["{"x" * 100}"]',
        "timeoutInSeconds": 5,
    }
    assert started == {
        "timestamp": NOW,
        "type": "LambdaFunctionStarted",
        "id": 3,
        "previousEventId": 2,
    }


@pytest.mark.parametrize(
    ("event_type", "member"),
    [
        ("PassStateEntered", "stateEnteredEventDetails"),
        ("MapStateExited", "stateExitedEventDetails"),
        ("ExecutionStarted", "executionStartedEventDetails"),
        ("MapIterationStarted", "mapIterationStartedEventDetails"),
        ("MapStateStarted", "mapStateStartedEventDetails"),
        ("MapRunStarted", "mapRunStartedEventDetails"),
    ],
)
def test_details_stand_where_aws_has_them(event_type: str, member: str) -> None:
    shape = details_shape(event_type)
    assert shape is not None
    assert shape.member == member


@pytest.mark.parametrize(
    "event_type", ["ParallelStateStarted", "MapRunSucceeded", "TaskStateAborted"]
)
def test_some_events_have_no_details(event_type: str) -> None:
    assert details_shape(event_type) is None


def test_boto3_would_parse_every_field_of_the_events(engine: Engine) -> None:
    recording = Recording(engine)
    recording.batch(
        ROOT,
        event("ExecutionStarted", input={}, roleArn="arn:aws:iam::123456789012:role/r"),
        event("MapStateEntered", name="M", input=[1]),
        event("MapStateStarted", length=1),
        event("MapIterationStarted", name="M", index=0),
        event("TaskFailed", resourceType="lambda", resource="invoke", error="E", cause="c"),
        event("ExecutionFailed", error="E", cause="c"),
    )
    service = botocore.session.get_session().get_service_model("stepfunctions")
    operation: Any = service.operation_model("GetExecutionHistory")
    answer: Any = {"events": recording.read()}
    assert not ParamValidator().validate(answer, operation.output_shape).has_errors()
    parser = create_parser(service.metadata["protocol"])
    response = {"status_code": 200, "headers": {}, "body": dump_bytes(answer)}
    parsed = parser.parse(response, operation.output_shape)["events"]
    for sent, got in zip(answer["events"], parsed, strict=True):
        assert got["timestamp"].timestamp() == sent["timestamp"]
        assert {**got, "timestamp": 0} == {**sent, "timestamp": 0}
