"""Errors: retriers, catchers, Fail states."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.language.errors import ExecutionError
from tests.pure_engine import STARTED_AT, Takes, in_sequence, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
TO_RESCUE = [{"ErrorEquals": ["States.ALL"], "Next": "Rescue"}]


def work(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": FUNCTION, **fields}


def rescued(state: dict[str, Any]) -> dict[str, Any]:
    return in_sequence(Work={**state, "End": True}, Rescue={"Type": "Pass"})


def failing(*errors: str) -> dict[str, Callable[[Any], Any]]:
    """A function that fails with one error after another and then succeeds."""
    remaining = list(errors)

    def function(given: Any) -> Any:
        if remaining:
            raise ExecutionError(remaining.pop(0), "because")
        return "done"

    return {"work": function}


def test_a_retried_state_is_entered_once_and_scheduled_again_after_each_delay() -> None:
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}]
    execution = run_purely(in_sequence(Work=work(Retry=retry)), {}, failing("E", "E"))
    assert execution.output == "done"
    assert execution.event_types.count("TaskStateEntered") == 1
    scheduled = [e.timestamp for e in execution.events if e.type == "LambdaFunctionScheduled"]
    assert scheduled == [STARTED_AT, STARTED_AT + 2, STARTED_AT + 2 + 6]


def test_a_state_fails_when_its_attempts_are_used_up() -> None:
    retry = [{"ErrorEquals": ["E"], "MaxAttempts": 2}]
    execution = run_purely(in_sequence(Work=work(Retry=retry)), {}, failing(*"EEE"))
    assert execution.error == "E"
    assert execution.event_types.count("LambdaFunctionScheduled") == 3


def test_each_retrier_counts_its_own_retries() -> None:
    retry = [
        {"ErrorEquals": ["A"], "MaxAttempts": 2},
        {"ErrorEquals": ["B"], "MaxAttempts": 1},
    ]
    definition = in_sequence(Work=work(Retry=retry))
    assert run_purely(definition, {}, failing(*"ABA")).output == "done"
    assert run_purely(definition, {}, failing(*"ABAB")).error == "B"


def test_counters_start_anew_when_the_state_is_entered_again() -> None:
    retry = [{"ErrorEquals": ["E"], "MaxAttempts": 1}]
    definition = in_sequence(First=work(Retry=retry), Second=work(Retry=retry))
    errors = iter(["E", "", "E", ""])

    def function(given: Any) -> Any:
        if error := next(errors):
            raise ExecutionError(error)
        return "done"

    assert run_purely(definition, {}, {"work": function}).status == "SUCCEEDED"


def test_a_state_is_retried_with_its_raw_input() -> None:
    seen: list[Any] = []
    fail_once = failing("E")["work"]

    def function(given: Any) -> Any:
        seen.append(given)
        return fail_once(given)

    execution = run_purely(
        in_sequence(Work=work(InputPath="$.a", Retry=[{"ErrorEquals": ["E"]}])),
        {"a": 1},
        {"work": function},
    )
    assert execution.output == "done"
    assert seen == [1, 1]


def test_a_catcher_gets_the_error_after_the_retries() -> None:
    state = work(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1}], Catch=TO_RESCUE)
    execution = run_purely(rescued(state), {"a": 1}, failing("E", "E"))
    assert execution.output == {"Error": "E", "Cause": "because"}
    assert execution.event_types[-5:] == [
        "LambdaFunctionFailed",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]


@pytest.mark.parametrize(
    ("result_path", "expected"),
    [
        ("$.error", {"a": 1, "error": {"Error": "E", "Cause": "because"}}),
        (None, {"a": 1}),
    ],
)
def test_a_catcher_puts_the_error_into_the_raw_input(result_path: Any, expected: Any) -> None:
    catch = [{**TO_RESCUE[0], "ResultPath": result_path}]
    state = work(InputPath="$.a", Catch=catch)
    assert run_purely(rescued(state), {"a": 1}, failing("E")).output == expected


def test_the_first_catcher_that_matches_is_taken() -> None:
    catch = [{"ErrorEquals": ["Other"], "Next": "Never"}, *TO_RESCUE]
    definition = in_sequence(
        Work=work(Catch=catch, End=True),
        Rescue={"Type": "Succeed"},
        Never={"Type": "Fail"},
    )
    assert run_purely(definition, {}, failing("E")).status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("States.ALL", "States.Runtime"),
        ("States.TaskFailed", "States.Runtime"),
        ("States.TaskFailed", "States.DataLimitExceeded"),
    ],
)
def test_wildcards_do_not_catch_what_must_fail_the_execution(name: str, error: str) -> None:
    catch = [{"ErrorEquals": [name], "Next": "Rescue"}]
    assert run_purely(rescued(work(Catch=catch)), {}, failing(error)).error == error


def test_a_bad_path_is_not_caught_by_the_wildcard() -> None:
    state = work(InputPath="$.gone", Catch=TO_RESCUE)
    assert run_purely(rescued(state), {}, failing()).error == "States.Runtime"


@pytest.mark.parametrize("field", ["Parameters", "ResultSelector", "Assign"])
@pytest.mark.parametrize("name", ["States.ALL", "States.ParameterPathFailure", "States.Runtime"])
def test_nothing_catches_or_retries_a_path_of_a_template_that_finds_nothing(
    field: str, name: str
) -> None:
    state = work(
        **{field: {"x.$": "$.gone"}},
        Retry=[{"ErrorEquals": [name]}],
        Catch=[{"ErrorEquals": [name], "Next": "Rescue"}],
    )
    execution = run_purely(rescued(state), {}, {"work": lambda given: {}})
    assert execution.error == "States.Runtime"


@pytest.mark.parametrize("name", ["States.Timeout", "States.ALL"])
def test_a_timeout_can_be_caught(name: str) -> None:
    catch = [{"ErrorEquals": [name], "Next": "Rescue"}]
    state = work(TimeoutSeconds=1, Catch=catch)
    execution = run_purely(rescued(state), {}, {"work": lambda given: Takes(2, None)})
    assert execution.output == {"Error": "States.Timeout", "Cause": ""}


def test_a_catcher_that_cannot_place_the_error_fails_the_state() -> None:
    catch = [{**TO_RESCUE[0], "ResultPath": "$.a.b"}]
    execution = run_purely(rescued(work(Catch=catch)), {"a": 1}, failing("E"))
    assert execution.error == "States.ResultPathMatchFailure"


def test_a_caught_error_counts_towards_the_data_limit() -> None:
    catch = [{**TO_RESCUE[0], "ResultPath": "$.error"}]
    execution = run_purely(rescued(work(Catch=catch)), {"a": "x" * 262_100}, failing("E" * 100))
    assert execution.error == "States.DataLimitExceeded"


@pytest.mark.parametrize(
    ("fields", "error", "cause"),
    [
        ({"Error": "E", "Cause": "C"}, "E", "C"),
        ({}, "", ""),
        ({"ErrorPath": "$.e", "CausePath": "$.c"}, "Given", "why"),
        ({"Error": "E", "CausePath": "States.Format('{}!', $.c)"}, "E", "why!"),
        ({"ErrorPath": "$$.State.Name"}, "Only", ""),
    ],
)
def test_a_fail_state_ends_the_execution_with_its_error(
    fields: dict[str, str], error: str, cause: str
) -> None:
    definition = in_sequence(Only={"Type": "Fail", **fields})
    execution = run_purely(definition, {"e": "Given", "c": "why"})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", error, cause)
    assert execution.event_types == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
    given = {"error": error, "cause": cause}
    assert execution.details("ExecutionFailed") == [{k: v for k, v in given.items() if v}]


@pytest.mark.parametrize("value", [5, None, {"a": 1}])
def test_a_fail_state_needs_texts(value: Any) -> None:
    execution = run_purely(in_sequence(Only={"Type": "Fail", "ErrorPath": "$.e"}), {"e": value})
    assert execution.error == "States.Runtime"
    assert "ErrorPath" in execution.cause


def test_a_fail_state_whose_path_finds_nothing_says_so() -> None:
    execution = run_purely(in_sequence(Only={"Type": "Fail", "CausePath": "$.gone"}), {})
    assert execution.error == "States.Runtime"
    assert "The JSONPath '$.gone' specified for the field 'CausePath'" in execution.cause
