"""How input and output pass through states."""

from typing import Any

import pytest

from tests.pure_engine import in_sequence, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:echo"


def output_of(state: dict[str, Any], execution_input: Any) -> Any:
    execution = run_purely(in_sequence(Only=state), execution_input, {"echo": lambda given: given})
    assert execution.status == "SUCCEEDED", execution.cause
    return execution.output


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"a": 1, "b": {"c": 2}}),
        ({"InputPath": "$.b"}, {"c": 2}),
        ({"InputPath": None}, {}),
        ({"OutputPath": "$.b.c"}, 2),
        ({"OutputPath": None}, {}),
        ({"Result": {"r": 1}}, {"r": 1}),
        ({"Result": None}, None),
        ({"Result": 5, "ResultPath": "$.b.d"}, {"a": 1, "b": {"c": 2, "d": 5}}),
        ({"Result": 5, "ResultPath": None}, {"a": 1, "b": {"c": 2}}),
        (
            {"Parameters": {"x.$": "$.a"}, "ResultPath": "$.p"},
            {"a": 1, "b": {"c": 2}, "p": {"x": 1}},
        ),
        ({"InputPath": "$.b", "Parameters": {"x.$": "$.c"}}, {"x": 2}),
        ({"Result": 5, "ResultPath": "$.r", "OutputPath": "$.r"}, 5),
    ],
)
def test_pass_shapes_its_input(fields: dict[str, Any], expected: Any) -> None:
    assert output_of({"Type": "Pass", **fields}, {"a": 1, "b": {"c": 2}}) == expected


def test_a_task_applies_every_field_in_the_order_of_the_specification() -> None:
    task = {
        "Type": "Task",
        "Resource": FUNCTION,
        "InputPath": "$.order",
        "Parameters": {"id.$": "$.id", "fixed": True},
        "ResultSelector": {"seen.$": "$.id"},
        "ResultPath": "$.result",
        "OutputPath": "$.result",
    }
    assert output_of(task, {"order": {"id": 7}, "other": 1}) == {"seen": 7}


def test_result_path_keeps_the_raw_input_not_the_effective_one() -> None:
    task = {"Type": "Task", "Resource": FUNCTION, "InputPath": "$.order", "ResultPath": "$.result"}
    assert output_of(task, {"order": 1, "other": 2}) == {"order": 1, "other": 2, "result": 1}


@pytest.mark.parametrize("state_type", ["Succeed", "Wait"])
def test_states_without_a_result_pass_their_filtered_input(state_type: str) -> None:
    fields = {"Seconds": 1} if state_type == "Wait" else {}
    state = {"Type": state_type, "InputPath": "$.a", "OutputPath": "$.b", **fields}
    assert output_of(state, {"a": {"b": 3}}) == 3


@pytest.mark.parametrize("field", ["InputPath", "OutputPath"])
def test_a_path_that_finds_nothing_fails_with_the_text_of_aws(field: str) -> None:
    execution = run_purely(in_sequence(Only={"Type": "Pass", field: "$.a.b"}), {"a": {}})
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'Only' (entered at the event id #2). "
        "Invalid path '$.a.b' : No results for path: $['a']['b']"
    )


def test_parameters_that_find_nothing_fail_and_name_state_and_field() -> None:
    execution = run_purely(
        in_sequence(Only={"Type": "Pass", "Parameters": {"x.$": "$.gone"}}), {"a": 1}
    )
    assert execution.error == "States.Runtime"
    assert execution.cause.startswith(
        "An error occurred while executing the state 'Only' (entered at the event id #2). "
    )
    assert "'x.$'" in execution.cause


def test_a_result_path_through_a_number_fails() -> None:
    state = {"Type": "Pass", "Result": 1, "ResultPath": "$.a.b"}
    execution = run_purely(in_sequence(Only=state), {"a": 5})
    assert execution.error == "States.ResultPathMatchFailure"


def bytes_of_json(size: int) -> str:
    """A text whose JSON form, quotes included, has that many bytes."""
    return "x" * (size - 2)


@pytest.mark.parametrize(("size", "status"), [(262_144, "SUCCEEDED"), (262_145, "FAILED")])
def test_an_output_may_have_256_kib(size: int, status: str) -> None:
    state = {"Type": "Pass", "Result": bytes_of_json(size)}
    execution = run_purely(in_sequence(Only=state))
    assert execution.status == status
    if status == "FAILED":
        assert (execution.error, execution.cause) == (
            "States.DataLimitExceeded",
            "The state/task 'Only' returned a result with a size exceeding "
            "the maximum number of bytes service limit.",
        )


def test_a_result_above_the_limit_fails_the_task_though_nothing_of_it_would_be_kept() -> None:
    task = {"Type": "Task", "Resource": FUNCTION, "ResultPath": None}
    execution = run_purely(
        in_sequence(Only=task), {}, {"echo": lambda given: bytes_of_json(300_000)}
    )
    assert execution.error == "States.DataLimitExceeded"
    assert f"'{FUNCTION}'" in execution.cause
    assert "LambdaFunctionSucceeded" not in execution.event_types
    assert execution.details("LambdaFunctionFailed")[0]["error"] == "States.DataLimitExceeded"


def test_an_effective_input_above_the_limit_is_never_sent() -> None:
    task = {
        "Type": "Task",
        "Resource": FUNCTION,
        "Parameters": {"one.$": "$", "two.$": "$"},
    }
    execution = run_purely(in_sequence(Only=task), bytes_of_json(200_000), {})
    assert execution.error == "States.DataLimitExceeded"
    assert "LambdaFunctionScheduled" not in execution.event_types


def test_outputs_of_branches_are_held_to_the_limit_together() -> None:
    big = {"Type": "Pass", "Result": bytes_of_json(200_000)}
    branches = [in_sequence(One=big), in_sequence(Other=big)]
    execution = run_purely(in_sequence(Fan={"Type": "Parallel", "Branches": branches}), {})
    assert execution.error == "States.DataLimitExceeded"
    assert "ParallelStateFailed" in execution.event_types


def test_without_strict_limits_anything_goes() -> None:
    echo = {"Type": "Task", "Resource": FUNCTION}
    branches = [in_sequence(One=echo), in_sequence(Other=echo)]
    execution = run_purely(
        in_sequence(Fan={"Type": "Parallel", "Branches": branches}),
        bytes_of_json(300_000),
        {"echo": lambda given: given},
        strict_limits=False,
    )
    assert execution.status == "SUCCEEDED"
