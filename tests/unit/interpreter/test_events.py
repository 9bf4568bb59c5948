"""Which events a frame takes in which phase, and the shape of the history it writes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from pipeline.interpreter.frame import ENDED, Frame, Phase
from pipeline.interpreter.interpreter import MAX_EVENTS, UnexpectedEvent, root_frame
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import (
    AwaitToken,
    Event,
    Failed,
    FunctionFailed,
    FunctionSucceeded,
    Heartbeat,
    Invoke,
    Joined,
    JoinFailed,
    Sleep,
    Start,
    Succeeded,
    Taken,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from tests.pure_engine import STARTED_AT, PureEngine, Takes, in_sequence, pure_engine, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
ACTIVITY = {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:paint"}
CALLBACK = "arn:aws:states:::lambda:invoke.waitForTaskToken"
SENT = {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}
EVENTS: list[Event] = [
    Start(),
    WokenUp(),
    FunctionSucceeded(output=1, started_at=STARTED_AT),
    FunctionFailed(error="E", cause="", started_at=STARTED_AT),
    Taken(worker_name="w"),
    TokenSucceeded(output=1),
    TokenFailed(error="E", cause=""),
    Heartbeat(),
    Joined(outputs=[1]),
    JoinFailed(error="E", cause=""),
]
RETRIED = {
    "Type": "Task",
    "Resource": FUNCTION,
    "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 9, "MaxAttempts": 1}],
}
WAITED = {
    "Type": "Task",
    "Resource": CALLBACK,
    "Parameters": SENT,
    "TimeoutSeconds": 60,
    "HeartbeatSeconds": 10,
}


def started(state: dict[str, Any]) -> tuple[PureEngine, Frame]:
    engine = pure_engine(in_sequence(Only=state), {})
    return engine, engine.step(root_frame(engine.machine, {}), Start()).frame


ROUTES: dict[Phase, tuple[dict[str, Any], tuple[Event, ...]]] = {
    Phase.WAITING: ({"Type": "Wait", "Seconds": 9}, ()),
    Phase.JOINING: ({"Type": "Parallel", "Branches": [in_sequence(In={"Type": "Pass"})]}, ()),
    Phase.INVOKING: (WAITED, ()),
    Phase.OFFERED: (ACTIVITY, ()),
    Phase.SUBMITTED: (WAITED, (FunctionSucceeded(output=None, started_at=STARTED_AT),)),
    Phase.RETRYING: (RETRIED, (FunctionFailed(error="E", cause="", started_at=STARTED_AT),)),
    Phase.SUCCEEDED: ({"Type": "Pass"}, ()),
    Phase.FAILED: ({"Type": "Fail"}, ()),
}
"""The state and the events after Start that bring a frame to the phase."""


def in_phase(phase: Phase) -> tuple[PureEngine, Frame]:
    """An engine and a frame that has come to the phase."""
    if phase is Phase.READY:
        engine = pure_engine(in_sequence(Only={"Type": "Pass"}), {})
        return engine, root_frame(engine.machine, {})
    if phase in {Phase.ABORTED, Phase.TIMED_OUT}:  # of an execution; the interpreter knows states
        engine, frame = started({"Type": "Pass"})
        return engine, replace(frame, phase=phase)
    state, events = ROUTES[phase]
    engine, frame = started(state)
    for event in events:
        frame = engine.step(frame, event).frame
    return engine, frame


@pytest.mark.parametrize("phase", Phase)
def test_a_frame_comes_to_the_phase_and_takes_only_the_events_that_fit(phase: Phase) -> None:
    engine, frame = in_phase(phase)
    assert frame.phase is phase
    function = {FunctionSucceeded, FunctionFailed}
    token = {TokenSucceeded, TokenFailed, Heartbeat}
    expected: dict[Phase, set[type[Event]]] = {
        Phase.READY: {Start},
        Phase.WAITING: {WokenUp},
        Phase.RETRYING: {WokenUp},
        Phase.INVOKING: {WokenUp, *function, *token},
        Phase.OFFERED: {WokenUp, FunctionFailed, Taken},
        Phase.SUBMITTED: {WokenUp, *token},
        Phase.JOINING: {Joined, JoinFailed},
        **{ended: set() for ended in ENDED},
    }
    taken = set()
    for event in EVENTS:
        try:
            engine.step(frame, event)
        except UnexpectedEvent as unexpected:
            assert unexpected.event == event  # noqa: PT017 - each event must either fit or raise
        else:
            taken.add(type(event))
    assert taken == expected[phase]


def test_a_token_cannot_be_answered_where_there_is_none() -> None:
    engine, frame = started(RETRIED)
    with pytest.raises(UnexpectedEvent, match="TokenSucceeded does not fit state 'Only'"):
        engine.step(frame, TokenSucceeded(output=1))


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [
        (Phase.WAITING, Sleep(until=STARTED_AT + 9)),
        (Phase.RETRYING, Sleep(until=STARTED_AT + 9)),
        (Phase.SUBMITTED, AwaitToken(deadline=STARTED_AT + 10)),
    ],
)
def test_a_wake_up_that_is_too_early_changes_nothing(phase: Phase, outcome: object) -> None:
    engine, frame = in_phase(phase)
    engine.now += 8.999
    step = engine.step(frame, WokenUp())
    assert (step.frame, step.outcome, step.events) == (frame, outcome, ())


def test_a_wake_up_that_is_too_early_for_a_call_asks_for_the_same_call() -> None:
    engine = pure_engine(in_sequence(Only=WAITED), {})
    first = engine.step(root_frame(engine.machine, {}), Start())
    again = engine.step(first.frame, WokenUp())
    assert isinstance(first.outcome, Invoke)
    assert first.outcome.arguments == {"FunctionName": "f", "Payload": {"token": "token-1"}}
    assert (again.frame, again.outcome, again.events) == (first.frame, first.outcome, ())


@pytest.mark.parametrize("phase", [Phase.INVOKING, Phase.SUBMITTED])
def test_a_heartbeat_moves_the_deadline_and_calls_nothing(phase: Phase) -> None:
    engine, frame = in_phase(phase)
    engine.now += 9
    step = engine.step(frame, Heartbeat())
    assert step.outcome == AwaitToken(deadline=STARTED_AT + 19)
    assert step.frame == replace(frame, heartbeat_at=STARTED_AT + 19)
    assert step.events == ()


@pytest.mark.parametrize("event", [Heartbeat(), TokenSucceeded(output=1), WokenUp()])
def test_whatever_comes_after_the_deadline_comes_too_late(event: Event) -> None:
    engine, frame = in_phase(Phase.SUBMITTED)
    engine.now += 10
    assert engine.step(frame, event).outcome == Failed(error="States.Timeout", cause="")


def test_a_token_may_be_answered_before_the_function_returns() -> None:
    engine, frame = in_phase(Phase.INVOKING)
    step = engine.step(frame, TokenSucceeded(output="early"))
    assert step.outcome == Succeeded(output="early")
    assert step.frame.phase is Phase.SUCCEEDED


def test_a_function_that_could_not_be_called_never_started() -> None:
    engine, frame = started({"Type": "Task", "Resource": FUNCTION})
    step = engine.step(frame, FunctionFailed(error="E", cause="C", started_at=None))
    assert [event.type for event in step.events] == [
        "LambdaFunctionScheduleFailed",
        "ExecutionFailed",
    ]


def test_a_frame_keeps_what_its_phase_needs_and_no_more() -> None:
    _, invoking = in_phase(Phase.INVOKING)
    assert invoking.invocation is not None
    assert (invoking.token, invoking.wake_at) == ("token-1", STARTED_AT + 10)
    _, retrying = in_phase(Phase.RETRYING)
    assert (retrying.retries, retrying.retry_count, retrying.invocation) == ((1,), 1, None)
    assert retrying.wake_at == STARTED_AT + 9
    engine, ready = in_phase(Phase.READY)
    ended = engine.step(ready, Start()).frame
    assert (ended.phase, ended.input, ended.wake_at) == (Phase.SUCCEEDED, None, None)


def test_a_loop_without_end_is_stopped_at_the_maximum_of_events() -> None:
    loop = {"Type": "Pass", "Next": "Again"}
    rule = {"Variable": "$.stop", "IsPresent": True, "Next": "Done"}
    definition = in_sequence(
        Loop=loop,
        Again={"Type": "Choice", "Choices": [rule], "Default": "Loop"},
        Done={"Type": "Succeed"},
    )
    execution = run_purely(definition, {})
    assert execution.cause == (
        "The execution reached the maximum number of history events (25000)."
    )
    assert len(execution.events) == MAX_EVENTS
    assert execution.event_types[-1] == "ExecutionFailed"


@pytest.mark.parametrize(("more", "status"), [(0, "SUCCEEDED"), (1, "FAILED")])
def test_the_last_event_there_is_room_for_may_be_that_of_success(more: int, status: str) -> None:
    rule = {"Variable": "$.n", "NumericLessThan": 6249, "Next": "Add"}
    added = {"n.$": "States.MathAdd($.n, 1)"}
    definition = in_sequence(
        Add={"Type": "Pass", "Parameters": added, "Next": "Enough"},
        Enough={"Type": "Choice", "Choices": [rule], "Default": "Done" if not more else "More"},
        **({"More": {"Type": "Pass", "Next": "Done"}} if more else {}),
        Done={"Type": "Succeed"},
    )
    execution = run_purely(definition, {"n": 0})
    assert (execution.status, len(execution.events)) == (status, MAX_EVENTS)


def test_a_function_s_events_count_with_those_before_it() -> None:
    retrier = {
        "ErrorEquals": ["E"],
        "IntervalSeconds": 1,
        "BackoffRate": 1.0,
        "MaxAttempts": 99_999,
    }
    task = {"Type": "Task", "Resource": FUNCTION, "Retry": [retrier]}

    def refuse(given: Any) -> Any:
        raise ExecutionError("E", "C")

    execution = run_purely(in_sequence(Try=task), {}, {"work": refuse})
    assert execution.error == "States.Runtime"
    assert len(execution.events) == MAX_EVENTS
    assert execution.event_types[-2:] == ["LambdaFunctionScheduled", "ExecutionFailed"]


def every_kind_of_event() -> Iterator[HistoryEvent]:
    """Histories that together hold nearly every event of the interpreter."""

    def refuse(given: Any) -> Any:
        raise ExecutionError("E", "C")

    retried = {**RETRIED, "TimeoutSeconds": 5, "Catch": [{"ErrorEquals": ["E"], "Next": "Pause"}]}
    distributed = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    work = {"Type": "Task", "Resource": FUNCTION}
    states: dict[str, dict[str, Any]] = {
        "Try": retried,
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Send"},
        "Send": {**WAITED, "ResultPath": None},
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "IsNull": True, "Next": "End"}],
            "Default": "List",
        },
        "List": {"Type": "Pass", "Result": [1]},
        "Inline": {"Type": "Map", "ItemProcessor": in_sequence(One=work)},
        "Wide": {"Type": "Map", "ItemProcessor": {**distributed, **in_sequence(Two=work)}},
        "Fan": {"Type": "Parallel", "Branches": [in_sequence(Three=work)]},
        "End": {"Type": "Succeed"},
    }
    answer = (TokenSucceeded(output=1), 1.0)
    for function in (refuse, lambda given: given, lambda given: Takes(6, given)):
        yield from run_purely(
            in_sequence(**states),
            {},
            {"work": function, "invoke": lambda given: {}},
            answer=lambda token: answer,
        ).events
    failing = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad"}], "End": True}
    bad = {"Bad": {"Type": "Fail", "Error": "E"}}
    for name in ("Wide", "Inline", "Fan", "Send"):
        definition = in_sequence(**{name: {**states[name], **failing}}, **bad)
        yield from run_purely(definition, [1], {"work": refuse, "invoke": refuse}).events
    yield from run_purely(in_sequence(Send=WAITED), {}, {"invoke": lambda given: {}}).events


def test_events_and_their_details_have_the_names_of_aws() -> None:
    service = botocore.session.get_session().get_service_model("stepfunctions")
    event_type: Any = service.shape_for("HistoryEventType")
    history_event: Any = service.shape_for("HistoryEvent")
    known, shapes = set(event_type.enum), history_event.members
    events = list(every_kind_of_event())
    assert {event.type for event in events} <= known
    assert len({event.type for event in events}) == 41
    for event in events:
        shape = shapes.get(_details_member(event.type))
        assert set(event.details) <= set(shape.members if shape else ()), event


def _details_member(event_type: str) -> str:
    """The member of HistoryEvent that holds the details of events of the type."""
    for suffix in ("StateEntered", "StateExited"):
        if event_type.endswith(suffix):
            event_type = suffix
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"
