"""Wait and Choice states."""

from typing import Any

import pytest

from tests.pure_engine import STARTED_AT, in_sequence, run_purely


def waited(fields: dict[str, Any], execution_input: Any) -> float:
    execution = run_purely(in_sequence(Pause={"Type": "Wait", **fields}), execution_input)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output == execution_input
    return execution.ended_at - STARTED_AT


@pytest.mark.parametrize(
    ("fields", "execution_input", "seconds"),
    [
        ({"Seconds": 30}, None, 30),
        ({"Seconds": 0}, None, 0),
        ({"SecondsPath": "$.s"}, {"s": 7}, 7),
        ({"SecondsPath": "$.s"}, {"s": 99_999_999}, 99_999_999),
        ({"Timestamp": "2023-11-14T22:14:20Z"}, None, 60),
        ({"Timestamp": "2001-01-01T00:00:00Z"}, None, 0),
        ({"TimestampPath": "$.t"}, {"t": "2023-11-14T23:14:20+01:00"}, 60),
    ],
)
def test_wait_ends_at_its_time(fields: dict[str, Any], execution_input: Any, seconds: int) -> None:
    assert waited(fields, execution_input) == seconds


def test_a_wait_that_is_over_before_it_begins_has_all_its_events() -> None:
    execution = run_purely(in_sequence(Pause={"Type": "Wait", "Seconds": 0}))
    assert execution.event_types[1:3] == ["WaitStateEntered", "WaitStateExited"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (-1, "The SecondsPath parameter references a negative value: $.s == -1"),
        ("5", "The SecondsPath parameter cannot be parsed as a long value: $.s == 5"),
        (1.5, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
        (True, "The SecondsPath parameter cannot be parsed as a long value: $.s == true"),
        (
            100_000_000,
            "The SecondsPath parameter references a value greater than 99999999: $.s == 100000000",
        ),
    ],
)
def test_a_bad_number_of_seconds_fails_the_state(value: Any, problem: str) -> None:
    execution = run_purely(in_sequence(Pause={"Type": "Wait", "SecondsPath": "$.s"}), {"s": value})
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'Pause' (entered at the event id #2)."
        f" {problem}"
    )


@pytest.mark.parametrize("value", ["tomorrow", "2023-11-14", 5, None])
def test_a_bad_timestamp_fails_the_state(value: Any) -> None:
    definition = in_sequence(Pause={"Type": "Wait", "TimestampPath": "$.t"})
    execution = run_purely(definition, {"t": value})
    assert execution.error == "States.Runtime"
    assert "does not reference a valid ISO-8601 extended offset date-time" in execution.cause


def chosen(execution_input: Any, **fields: Any) -> Any:
    choices = [
        {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Large"},
        {"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Middle"},
    ]
    definition = in_sequence(
        Size={"Type": "Choice", "Choices": choices, **fields},
        Large={"Type": "Pass", "Result": "large", "End": True},
        Middle={"Type": "Pass", "Result": "middle", "End": True},
        Small={"Type": "Pass", "Result": "small", "End": True},
    )
    if "Default" not in fields:
        del definition["States"]["Small"]
    return run_purely(definition, execution_input)


@pytest.mark.parametrize(("n", "expected"), [(11, "large"), (6, "middle"), (1, "small")])
def test_choice_takes_the_first_rule_that_matches_or_the_default(n: int, expected: str) -> None:
    assert chosen({"n": n}, Default="Small").output == expected


def test_choice_without_a_match_or_a_default_fails() -> None:
    assert chosen({"n": 1}).error == "States.NoChoiceMatched"


def test_choice_on_a_missing_variable_fails() -> None:
    execution = chosen({})
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'Size' (entered at the event id #2). "
        "Invalid path '$.n': The choice state's condition path references an invalid value."
    )


def test_choice_filters_its_input_before_it_compares() -> None:
    execution = chosen({"in": {"n": 11}}, InputPath="$.in", OutputPath="$.n")
    assert execution.details("ChoiceStateExited") == [{"name": "Size", "output": 11}]


def test_choice_may_look_at_the_context_object() -> None:
    rule = {"Variable": "$$.State.Name", "StringEquals": "Which", "Next": "Right"}
    definition = in_sequence(
        Which={"Type": "Choice", "Choices": [rule]}, Right={"Type": "Pass", "Result": "right"}
    )
    assert run_purely(definition, {}).output == "right"
