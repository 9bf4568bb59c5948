"""Task states: their calls, tokens, deadlines and events."""

from typing import Any

import pytest

from pipeline.language.errors import ExecutionError
from pipeline.language.outcomes import Event, TokenFailed, TokenSucceeded
from tests.pure_engine import STARTED_AT, Takes, in_sequence, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
INVOKE = "arn:aws:states:::lambda:invoke"
CALLBACK = f"{INVOKE}.waitForTaskToken"


def task(resource: str = FUNCTION, **fields: Any) -> dict[str, Any]:
    return in_sequence(Work={"Type": "Task", "Resource": resource, **fields})


def fails(error: str, cause: str = "") -> Any:
    def function(given: Any) -> Any:
        raise ExecutionError(error, cause)

    return function


def test_a_bare_function_has_the_events_of_a_lambda_function() -> None:
    execution = run_purely(
        task(TimeoutSeconds=60), {"n": 1}, {"work": lambda given: given["n"] + 1}
    )
    assert execution.output == 2
    assert execution.event_types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert execution.details("LambdaFunctionScheduled") == [
        {"resource": FUNCTION, "input": {"n": 1}, "timeoutInSeconds": 60}
    ]
    assert execution.details("LambdaFunctionStarted") == [{}]
    assert execution.details("LambdaFunctionSucceeded") == [{"output": 2}]


def test_an_integration_has_the_events_of_a_task() -> None:
    execution = run_purely(
        task(INVOKE, Parameters={"FunctionName": "f"}, HeartbeatSeconds=5, TimeoutSeconds=60),
        {},
        {"invoke": lambda given: {"Payload": 1}},
    )
    named = {"resourceType": "lambda", "resource": "invoke"}
    assert execution.event_types[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]
    assert execution.details("TaskScheduled") == [
        {
            **named,
            "region": "eu-west-1",
            "parameters": {"FunctionName": "f"},
            "timeoutInSeconds": 60,
            "heartbeatInSeconds": 5,
        }
    ]
    assert execution.details("TaskStarted") == [named]
    assert execution.details("TaskSucceeded") == [{**named, "output": {"Payload": 1}}]


def test_the_started_event_has_the_time_at_which_the_worker_began() -> None:
    execution = run_purely(task(), {}, {"work": lambda given: Takes(9.5, None)})
    times = {event.type: event.timestamp for event in execution.events}
    assert times["LambdaFunctionStarted"] == STARTED_AT
    assert times["LambdaFunctionSucceeded"] == STARTED_AT + 9.5


@pytest.mark.parametrize(
    ("resource", "event_type", "named"),
    [
        (FUNCTION, "LambdaFunctionFailed", {}),
        (INVOKE, "TaskFailed", {"resourceType": "lambda", "resource": "invoke"}),
    ],
)
def test_a_failed_function_fails_the_state_with_its_error(
    resource: str, event_type: str, named: dict[str, str]
) -> None:
    failing = fails("Broken", "because")
    parameters = {"Parameters": {"FunctionName": "f"}}
    execution = run_purely(task(resource, **parameters), {}, {"work": failing, "invoke": failing})
    assert (execution.error, execution.cause) == ("Broken", "because")
    assert execution.details(event_type) == [{**named, "error": "Broken", "cause": "because"}]
    assert execution.details("ExecutionFailed") == [{"error": "Broken", "cause": "because"}]


def test_a_function_that_takes_its_whole_timeout_has_timed_out() -> None:
    execution = run_purely(task(TimeoutSeconds=5), {}, {"work": lambda given: Takes(5, "late")})
    assert (execution.error, execution.cause) == ("States.Timeout", "")
    assert execution.details("LambdaFunctionTimedOut") == [{"error": "States.Timeout"}]
    assert execution.ended_at == STARTED_AT + 5


def test_limits_may_come_from_the_input() -> None:
    definition = task(TimeoutSecondsPath="$.limit")
    functions = {"work": lambda given: Takes(5, "done")}
    assert run_purely(definition, {"limit": 5}, functions).error == "States.Timeout"
    assert run_purely(definition, {"limit": 6}, functions).output == "done"
    assert run_purely(definition, {"limit": "5"}, functions).error == "States.Timeout"


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "five", "1.5", None])
def test_a_limit_that_is_no_positive_integer_fails_the_state(limit: Any) -> None:
    execution = run_purely(task(TimeoutSecondsPath="$.limit"), {"limit": limit}, {})
    assert execution.error == "States.Runtime"
    assert "TimeoutSeconds" in execution.cause


def test_a_heartbeat_asks_nothing_of_a_function_without_a_token() -> None:
    definition = task(HeartbeatSeconds=2, TimeoutSeconds=60)
    assert run_purely(definition, {}, {"work": lambda given: Takes(30, 1)}).status == "SUCCEEDED"


def callback(**fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}
    return task(CALLBACK, Parameters=parameters, **fields)


def answered_with(event: Event, seconds: float = 1) -> Any:
    return lambda token: (event, seconds) if token == "token-1" else None


def test_a_callback_ends_with_the_answer_to_its_token() -> None:
    sent: list[Any] = []
    execution = run_purely(
        callback(),
        {},
        {"invoke": sent.append},
        answer=answered_with(TokenSucceeded(output={"ok": True})),
    )
    assert execution.output == {"ok": True}
    assert sent[0]["Payload"] == {"token": "token-1"}
    assert execution.event_types[2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]
    named = {"resourceType": "lambda", "resource": "invoke.waitForTaskToken"}
    assert execution.details("TaskSubmitted") == [{**named, "output": None}]


def test_a_callback_fails_with_the_error_its_token_is_answered_with() -> None:
    answer = answered_with(TokenFailed(error="Refused", cause="no"))
    execution = run_purely(callback(), {}, {"invoke": lambda given: None}, answer=answer)
    assert (execution.error, execution.cause) == ("Refused", "no")
    assert execution.details("TaskFailed")[0]["error"] == "Refused"


def test_a_callback_whose_function_fails_waits_for_nobody() -> None:
    execution = run_purely(callback(), {}, {"invoke": fails("Broken")})
    assert execution.error == "Broken"
    assert "TaskSubmitted" not in execution.event_types


@pytest.mark.parametrize(
    ("limits", "error", "seconds"),
    [
        ({"TimeoutSeconds": 20}, "States.Timeout", 20),
        ({"TimeoutSeconds": 20, "HeartbeatSeconds": 5}, "States.Timeout", 5),
    ],
)
def test_a_callback_that_nobody_answers_times_out(
    limits: dict[str, int], error: str, seconds: int
) -> None:
    execution = run_purely(callback(**limits), {}, {"invoke": lambda given: None})
    assert execution.error == error
    assert execution.details("TaskTimedOut")[0]["error"] == error
    assert execution.ended_at == STARTED_AT + seconds


def test_each_attempt_has_a_token_of_its_own() -> None:
    sent: list[str] = []
    retry = [{"ErrorEquals": ["Again"], "MaxAttempts": 1}]
    execution = run_purely(
        callback(Retry=retry),
        {},
        {"invoke": lambda given: sent.append(given["Payload"]["token"])},
        answer=lambda token: (
            (TokenFailed(error="Again", cause=""), 1)
            if token == "token-1"
            else (TokenSucceeded(output=token), 1)
        ),
    )
    assert sent == ["token-1", "token-2"]
    assert execution.output == "token-2"
