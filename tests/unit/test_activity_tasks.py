"""A Task state whose resource is an activity, on the pure interpreter."""

from typing import Any

import pytest

from pipeline.interpreter.frame import Frame, Phase
from pipeline.interpreter.interpreter import root_frame
from pipeline.language.outcomes import (
    AwaitToken,
    FunctionFailed,
    Heartbeat,
    Offer,
    Start,
    Taken,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from tests.pure_engine import STARTED_AT, PureEngine, in_sequence, pure_engine, run_purely

PAINT = "arn:aws:states:eu-west-1:123456789012:activity:paint"
PAINTED = {"Type": "Task", "Resource": PAINT, "TimeoutSeconds": 60, "HeartbeatSeconds": 10}


def offered(**fields: Any) -> tuple[PureEngine, Frame]:
    engine = pure_engine(in_sequence(Paint=PAINTED | fields), {"colour": "red"})
    return engine, engine.step(root_frame(engine.machine, {"colour": "red"}), Start()).frame


def taken(after_seconds: float = 0.0) -> tuple[PureEngine, Frame]:
    engine, frame = offered()
    engine.now += after_seconds
    return engine, engine.step(frame, Taken(worker_name="ada")).frame


def test_a_task_is_scheduled_taken_and_answered() -> None:
    execution = run_purely(
        in_sequence(Paint=PAINTED),
        {"colour": "red"},
        answer=lambda token: (TokenSucceeded(output={"done": True}), 1),
    )
    assert execution.event_types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert execution.details("ActivityScheduled") == [
        {
            "resource": PAINT,
            "input": {"colour": "red"},
            "timeoutInSeconds": 60,
            "heartbeatInSeconds": 10,
        }
    ]
    assert execution.details("ActivityStarted") == [{"workerName": "pure"}]
    assert execution.output == {"done": True}


def test_an_answered_error_can_be_retried_and_is_offered_again() -> None:
    retry = [{"ErrorEquals": ["Spilled"], "IntervalSeconds": 5}]
    engine, frame = offered(Retry=retry)
    frame = engine.step(frame, Taken(worker_name=None)).frame
    first_token = frame.token
    frame = engine.step(frame, TokenFailed(error="Spilled", cause="")).frame
    engine.now += 5
    step = engine.step(frame, WokenUp())
    assert isinstance(step.outcome, Offer)
    assert (step.frame.phase, step.frame.token) == (Phase.OFFERED, None)
    assert engine.step(step.frame, Taken(worker_name=None)).frame.token != first_token


def test_a_task_that_nobody_has_taken_has_no_token() -> None:
    assert offered()[1].token is None


def test_the_timeout_counts_from_scheduling() -> None:
    engine, frame = offered()
    engine.now += 60
    step = engine.step(frame, WokenUp())
    assert [event.type for event in step.events][:1] == ["ActivityTimedOut"]
    assert step.events[0].details == {"error": "States.Timeout"}


def test_a_task_is_not_given_out_after_its_timeout() -> None:
    engine, frame = offered()
    engine.now += 60
    assert engine.step(frame, Taken(worker_name="late")).frame.phase is Phase.FAILED


def test_the_heartbeat_counts_from_when_the_task_is_taken() -> None:
    engine, frame = taken(after_seconds=30)
    assert frame.wake_at == STARTED_AT + 40
    engine.now += 9
    assert engine.step(frame, Heartbeat()).frame.wake_at == STARTED_AT + 49


def test_a_silent_worker_times_out() -> None:
    engine, frame = taken()
    engine.now += 10
    step = engine.step(frame, WokenUp())
    assert step.events[0].details == {"error": "States.Timeout"}


@pytest.mark.parametrize("seconds", [0, 59.9])
def test_a_wake_up_that_is_too_early_leaves_the_offer_as_it_is(seconds: float) -> None:
    engine, frame = offered()
    engine.now += seconds
    step = engine.step(frame, WokenUp())
    outcome = Offer(activity=PAINT, arguments={"colour": "red"}, deadline=STARTED_AT + 60)
    assert (step.frame, step.outcome, step.events) == (frame, outcome, ())


def test_an_activity_that_is_not_there_cannot_be_scheduled() -> None:
    engine, frame = offered()
    step = engine.step(frame, FunctionFailed(error="E", cause="gone", started_at=None))
    assert (step.events[0].type, step.events[0].details) == (
        "ActivityScheduleFailed",
        {"error": "E", "cause": "gone"},
    )


def test_a_taken_task_waits_for_its_token() -> None:
    engine, frame = offered()
    step = engine.step(frame, Taken(worker_name=None))
    assert step.outcome == AwaitToken(deadline=STARTED_AT + 10)
    assert step.events[0].details == {}
