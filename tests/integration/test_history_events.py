"""Every type of history event that AWS knows, told by real executions."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pipeline.executions.activities import await_task, create_activity
from pipeline.executions.history import execution_history
from pipeline.executions.lifecycle import find_execution, stop_execution
from pipeline.executions.redriving import redrive
from pipeline.ledger.rows import ExecutionRow
from tests.machines import call, call_with_token, distributed, each, only, side_by_side
from tests.platforms import PATIENCE, Platform, embedded_platform

ELSEWHERE = {
    "LambdaFunctionStartFailed": "only when a worker is lost: tests/integration/test_lost_calls.py",
    "ActivityScheduleFailed": "docs/differences.md: a missing activity fails before its schedule",
    "TaskSubmitFailed": "docs/differences.md: such a failure is a TaskFailed or TaskStartFailed",
}
"""Where the types are shown, or told of, that do not occur here."""

INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
LONG = {"Type": "Wait", "Seconds": 600, "End": True}
AGAIN = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Next"}]}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("events")
    with embedded_platform(directory, sweep_interval_seconds=0.1, redelivery_seconds=2) as made:
        yield made


Event = dict[str, Any]


def told(platform: Platform, execution: ExecutionRow) -> list[Event]:
    """The history as a client reads it, once the execution has ended."""
    platform.wait(execution)
    return list(execution_history(platform.engine, execution.id))


def of(events: list[Event], event_type: str) -> list[Event]:
    """The details of the events of a type."""
    return [
        next((field for name, field in event.items() if name.endswith("Details")), {})
        for event in events
        if event["type"] == event_type
    ]


def then(state: Mapping[str, Any], **following: Any) -> dict[str, Any]:
    """A machine of a state, whose errors are caught, and a state that follows it."""
    first = {**state, **AGAIN, "Next": "Next"}
    first.pop("End", None)
    return {"StartAt": "First", "States": {"First": first, "Next": following}}


def everything(platform: Platform) -> dict[str, Any]:
    """A machine that comes by every type of state and succeeds."""
    invoke = {**INVOKE, "Parameters": {"FunctionName": "echo", "Payload.$": "$"}}
    states: dict[str, dict[str, Any]] = {
        "Task": call("echo"),
        "Invoke": {**invoke, "TimeoutSeconds": 50, "ResultPath": None},
        "Wait": {"Type": "Wait", "Seconds": 0},
        "Map": each(only({"Type": "Pass", "End": True})),
        "Wide": each(distributed({"Type": "Pass", "End": True})),
        "Parallel": side_by_side(only({"Type": "Pass", "End": True}), Assign={"a": 1}),
        "Pass": {"Type": "Pass"},
        "Choice": {"Type": "Choice", "Choices": [], "Default": "Succeed"},
    }
    rule = {"Variable": "$", "IsNull": True, "Next": "Succeed"}
    states["Choice"]["Choices"] = [rule]
    names = [*states, "Succeed"]
    for name, following in zip(states, names[1:], strict=True):
        states[name].pop("End", None)
        if name != "Choice":
            states[name]["Next"] = following
    return {"StartAt": "Task", "States": {**states, "Succeed": {"Type": "Succeed"}}}


SUCCESSES = ("MapStateSucceeded", "ParallelStateSucceeded")


def test_a_way_by_every_type_of_state(platform: Platform, seen: set[str]) -> None:
    events = told(platform, platform.start(everything(platform), [1]))
    check(events, seen)
    # Nothing follows the success of a fan-out: its end follows what the success followed.
    exits = {event["id"] + 1 for event in events if event["type"] in SUCCESSES}
    assert [event["previousEventId"] for event in events[2:]] == [
        number - 2 if number in exits else number - 1 for number in range(3, len(events) + 1)
    ]
    assert of(events, "TaskScheduled") == [
        {
            "resourceType": "lambda",
            "resource": "invoke",
            "region": "us-east-1",
            "parameters": '{"FunctionName":"echo","Payload":[1]}',
            "timeoutInSeconds": 50,
        }
    ]
    assert of(events, "TaskStarted") == [{"resourceType": "lambda", "resource": "invoke"}]
    (succeeded,) = of(events, "TaskSucceeded")
    assert (succeeded["resource"], succeeded["outputDetails"]) == ("invoke", {"truncated": False})
    assert of(events, "MapStateStarted") == [{"length": 1}, {"length": 1}]
    assert of(events, "MapIterationStarted") == [{"name": "Map", "index": 0}]
    assert of(events, "MapIterationSucceeded") == [{"name": "Map", "index": 0}]
    assert ":mapRun:machine/Wide:" in of(events, "MapRunStarted")[0]["mapRunArn"]
    assert of(events, "LambdaFunctionSucceeded") == [
        {"output": "[1]", "outputDetails": {"truncated": False}}
    ]
    exited = of(events, "ParallelStateExited")
    assert exited[0]["assignedVariables"] == {"a": "1"}
    assert of(events, "ExecutionSucceeded") == [
        {"output": "[[1]]", "outputDetails": {"truncated": False}}
    ]


def test_a_failing_branch_aborts_whatever_runs_beside_it(
    platform: Platform, seen: set[str]
) -> None:
    asks, fails = platform.path("asks"), platform.path("fails")
    branches = [
        call_with_token("ask", {"asks": str(fails)}),
        call_with_token("ask", {"asks": str(asks)}),
        LONG,
        each(only(LONG)),
        each(distributed(LONG)),
        side_by_side(only(LONG)),
    ]
    machine = then(
        side_by_side(*(only(branch) for branch in branches)), Type="Pass", InputPath="$.x", End=True
    )
    execution = platform.start(machine, [1])
    platform.read(asks)
    token = platform.read(fails)

    def have_begun() -> bool:
        types = platform.types(execution)
        waits = types.count("WaitStateEntered")
        return types.count("TaskSubmitted") == 2 and waits == 3 and "MapRunStarted" in types

    platform.until(have_begun)
    platform.send_task_failure(token, "Enough", "of it")
    events = told(platform, execution)
    check(events, seen)
    types = [event["type"] for event in events]
    begin = types.index("TaskFailed") + 1
    assert sorted(types[begin : types.index("ParallelStateFailed")]) == [
        "MapIterationAborted",
        "MapRunAborted",
        "MapStateAborted",
        "MapStateAborted",
        "ParallelStateAborted",
        "TaskStateAborted",
        *["WaitStateAborted"] * 3,
    ]
    assert of(events, "MapIterationAborted")[0]["index"] == 0
    entered = events[types.index("PassStateEntered")]
    cause = find_execution(platform.engine, execution.arn).cause or ""
    assert f"'Next' (entered at the event id #{entered['id']}). " in cause


FAILURES: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "a function": (call("fail"), {"LambdaFunctionFailed": {"error": "NotYet"}}),
    "an integration": (
        {**INVOKE, "Parameters": {"FunctionName": "fail"}},
        {"TaskFailed": {"resourceType": "lambda", "resource": "invoke", "error": "NotYet"}},
    ),
    "a function that is not there": (call("nowhere"), {"LambdaFunctionScheduleFailed": {}}),
    "an integration that cannot begin": (
        {**INVOKE, "Parameters": {"FunctionName": "nowhere"}},
        {"TaskStartFailed": {"resourceType": "lambda", "resource": "invoke"}},
    ),
    "an iteration": (
        each(only(call("fail")), ItemsPath="$.l"),
        {"MapIterationFailed": {"index": 0}, "MapStateFailed": {}},
    ),
    "a map run": (
        each(distributed(call("fail")), ItemsPath="$.l"),
        {
            "MapRunFailed": {"error": "States.ExceedToleratedFailureThreshold"},
            "MapStateFailed": {},
        },
    ),
    "an expression": (
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1+'x' %}", "End": True},
        {"EvaluationFailed": {"error": "States.QueryEvaluationError", "location": "Output"}},
    ),
    "a Fail state": (
        {"Type": "Fail", "Error": "E", "Cause": "C"},
        {"FailStateEntered": {}, "ExecutionFailed": {"error": "E", "cause": "C"}},
    ),
}


def test_failures_of_each_kind(platform: Platform, seen: set[str]) -> None:
    started = {
        name: platform.start(only(state, "S"), {"l": [1]}) for name, (state, _) in FAILURES.items()
    }
    for name, (_, wanted) in FAILURES.items():
        events = told(platform, started[name])
        check(events, seen)
        assert events[-1]["type"] == "ExecutionFailed"
        for event_type, details in wanted.items():
            (found,) = of(events, event_type)
            assert found.items() >= details.items(), (name, event_type)


def test_what_takes_too_long(platform: Platform, seen: set[str]) -> None:
    asks, log, gate = (platform.path(name) for name in ("asks", "log", "gate"))
    held = platform.start(
        only(call("hold", TimeoutSeconds=1)), {"log": str(log), "gate": str(gate)}
    )
    silent = platform.start(
        only(call_with_token("ask", {"asks": str(asks)}, HeartbeatSeconds=1)), {}
    )
    late = platform.start({"TimeoutSeconds": 1, **only(LONG)}, {})
    arn = activity(platform, "slow")
    nobody = platform.start(
        only({"Type": "Task", "Resource": arn, "TimeoutSeconds": 1, "End": True}), {}
    )
    try:
        for execution, event_type, details in (
            (held, "LambdaFunctionTimedOut", {"error": "States.Timeout"}),
            (
                silent,
                "TaskTimedOut",
                {
                    "resourceType": "lambda",
                    "resource": "invoke.waitForTaskToken",
                    "error": "States.Timeout",
                },
            ),
            (nobody, "ActivityTimedOut", {"error": "States.Timeout"}),
            (late, "ExecutionTimedOut", {"error": "States.Timeout"}),
        ):
            events = told(platform, execution)
            check(events, seen)
            assert of(events, event_type) == [details]
    finally:
        gate.touch()


def activity(platform: Platform, name: str) -> str:
    """The ARN of a new activity."""
    made = create_activity(
        platform.engine, name=name, region="us-east-1", account_id="000000000000"
    )
    return made.arn


def test_activities(platform: Platform, seen: set[str]) -> None:
    arn = activity(platform, "paint")
    state = {"Type": "Task", "Resource": arn, "TimeoutSeconds": 50, "HeartbeatSeconds": 20}
    done, refused = (platform.start(only({**state, "End": True}), number) for number in (1, 2))
    for _ in (done, refused):
        task = asyncio.run(await_task(platform.engine, arn, "ada", PATIENCE))
        assert task is not None
        if task.input == 1:
            platform.send_task_success(task.token, "painted")
        else:
            platform.send_task_failure(task.token, "NoPaint", "left")
    missing = platform.start(only({**state, "Resource": f"{arn}-not", "End": True}), 3)
    events = told(platform, done)
    check(events, seen)
    assert of(events, "ActivityScheduled") == [
        {
            "resource": arn,
            "input": "1",
            "inputDetails": {"truncated": False},
            "timeoutInSeconds": 50,
            "heartbeatInSeconds": 20,
        }
    ]
    assert of(events, "ActivityStarted") == [{"workerName": "ada"}]
    events = told(platform, refused)
    check(events, seen)
    assert of(events, "ActivityFailed") == [{"error": "NoPaint", "cause": "left"}]
    events = told(platform, missing)
    check(events, seen)
    assert [event["type"] for event in events[1:]] == ["TaskStateEntered", "ExecutionFailed"]


def test_stopping_and_redriving(platform: Platform, seen: set[str]) -> None:
    stopped = platform.start(only(LONG), {})
    platform.until(lambda: "WaitStateEntered" in platform.types(stopped))
    assert stop_execution(platform.engine, stopped.arn, error="Enough", cause="of it")
    events = told(platform, stopped)
    check(events, seen)
    assert of(events, "ExecutionAborted") == [{"error": "Enough", "cause": "of it"}]

    log = platform.path("log")
    wide = each(distributed(call("fail-first")))
    execution = platform.start(only(wide), [{"log": str(log), "attempts": 2}])
    assert platform.wait(execution).status == "FAILED"
    redrive(platform.engine, find_execution(platform.engine, execution.arn))
    events = told(platform, execution)
    check(events, seen)
    assert of(events, "ExecutionRedriven") == [{"redriveCount": 1}]
    (redriven,) = of(events, "MapRunRedriven")
    assert redriven["redriveCount"] == 1
    assert events[-1]["type"] == "ExecutionSucceeded"
    child = list(execution_history(platform.engine, f"{execution.id}-0.0"))
    check(child, seen)
    redriven_at = [event["type"] for event in child].index("ExecutionRedriven")
    assert child[redriven_at]["previousEventId"] == redriven_at


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The types of the events that the tests of this file have come by."""
    return set()


def check(events: list[Event], seen: set[str]) -> None:
    """Note the types, and compare the shapes with AWS's."""
    seen |= {event["type"] for event in events}
    model = botocore.session.get_session().get_service_model("stepfunctions")
    shape = model.shape_for("HistoryEvent")
    for number, event in enumerate(events, 1):
        report = ParamValidator().validate(event, shape)
        assert not report.has_errors(), report.generate_report()
        assert event.keys() <= shape.members.keys()
        assert event["id"] == number > event["previousEventId"]


def test_every_type_of_event_has_occurred(seen: set[str]) -> None:
    model = botocore.session.get_session().get_service_model("stepfunctions")
    known: Any = model.shape_for("HistoryEventType")
    assert set(known.enum) - seen == set(ELSEWHERE)
    differences = Path("docs/differences.md").read_text()
    assert "TaskSubmitFailed" in differences
    assert "ActivityScheduleFailed" in differences
