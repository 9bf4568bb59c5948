"""Parallel and Map states."""

from typing import Any

import pytest

from pipeline.interpreter.interpreter import root_frame
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FanOut, FanOutKind, Start
from tests.pure_engine import STARTED_AT, in_sequence, pure_engine, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
WORK = {"Type": "Task", "Resource": FUNCTION}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def each(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def picky(given: Any) -> Any:
    """Fails for negative numbers."""
    if given < 0:
        raise ExecutionError("Negative", str(given))
    return given * 10


def test_every_branch_gets_the_effective_input_and_the_outputs_keep_their_order() -> None:
    fan = {
        "Type": "Parallel",
        "Parameters": {"n.$": "$.number"},
        "Branches": [
            in_sequence(A={"Type": "Pass", "Parameters": {"a.$": "$.n"}}),
            in_sequence(B={"Type": "Pass", "OutputPath": "$.n"}),
        ],
        "ResultSelector": {"second.$": "$[1]"},
        "ResultPath": "$.result",
    }
    execution = run_purely(in_sequence(Fan=fan), {"number": 3})
    assert execution.output == {"number": 3, "result": {"second": 3}}
    assert execution.event_types == [
        "ExecutionStarted",
        "ParallelStateEntered",
        "ParallelStateStarted",
        "PassStateEntered",
        "PassStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ParallelStateSucceeded",
        "ParallelStateExited",
        "ExecutionSucceeded",
    ]


def test_a_failed_branch_fails_its_parallel_state_with_its_error() -> None:
    branches = [
        in_sequence(Ok={"Type": "Pass"}),
        in_sequence(Bad={"Type": "Fail", "Error": "E", "Cause": "C"}),
    ]
    execution = run_purely(in_sequence(Fan={"Type": "Parallel", "Branches": branches}), {})
    assert (execution.error, execution.cause) == ("E", "C")
    assert execution.event_types[-2:] == ["ParallelStateFailed", "ExecutionFailed"]


def test_a_parallel_state_is_retried_as_a_whole_and_then_caught() -> None:
    fan = {
        "Type": "Parallel",
        "Branches": [in_sequence(Bad={"Type": "Fail", "Error": "E"})],
        "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 4, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["E"], "Next": "Rescue"}],
        "End": True,
    }
    execution = run_purely(in_sequence(Fan=fan, Rescue={"Type": "Pass"}), {})
    assert execution.output == {"Error": "E", "Cause": ""}
    assert execution.event_types.count("ParallelStateEntered") == 1
    assert execution.event_types.count("ParallelStateStarted") == 2
    assert execution.ended_at == STARTED_AT + 4


def test_map_runs_its_processor_for_each_item() -> None:
    execution = run_purely(
        in_sequence(Each=each(in_sequence(Work=WORK), ItemsPath="$.items")),
        {"items": [1, 2]},
        {"work": picky},
    )
    assert execution.output == [10, 20]
    assert execution.details("MapStateStarted") == [{"length": 2}]
    iterations = [{"name": "Each", "index": 0}, {"name": "Each", "index": 1}]
    assert execution.details("MapIterationStarted") == iterations
    assert execution.details("MapIterationSucceeded") == iterations
    assert execution.event_types[-3:] == [
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


def test_an_iteration_names_its_map_state_even_with_a_slash_in_it() -> None:
    definition = in_sequence(**{"a/b~c": each(in_sequence(One={"Type": "Pass"}))})
    assert run_purely(definition, [1]).details("MapIterationStarted")[0]["name"] == "a/b~c"


@pytest.mark.parametrize("field", ["ItemSelector", "Parameters"])
def test_the_selector_sees_the_item_and_the_input_of_the_state(field: str) -> None:
    selector = {
        "value.$": "$$.Map.Item.Value",
        "index.$": "$$.Map.Item.Index",
        "shared.$": "$.shared",
        "state.$": "$$.State.Name",
    }
    processor = in_sequence(One={"Type": "Pass"})
    state = each(processor, InputPath="$.in", ItemsPath="$.items", **{field: selector})
    if field == "Parameters":
        state["Iterator"] = state.pop("ItemProcessor")
    execution = run_purely(in_sequence(Each=state), {"in": {"items": ["x", "y"], "shared": 9}})
    assert execution.output == [
        {"value": "x", "index": 0, "shared": 9, "state": "Each"},
        {"value": "y", "index": 1, "shared": 9, "state": "Each"},
    ]


def test_states_of_an_iteration_see_its_item_and_so_do_branches_within() -> None:
    peek = {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item.Value"}}
    fan = {"Type": "Parallel", "Branches": [in_sequence(Peek=peek)]}
    execution = run_purely(in_sequence(Each=each(in_sequence(Fan=fan))), ["x"])
    assert execution.output == [[{"item": "x"}]]


def test_a_map_over_nothing_is_done_at_once() -> None:
    execution = run_purely(in_sequence(Each=each(in_sequence(Work=WORK))), [])
    assert execution.output == []
    assert execution.event_types[1:5] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapStateSucceeded",
        "MapStateExited",
    ]
    assert execution.details("MapStateStarted") == [{"length": 0}]


def test_items_that_are_no_array_fail_the_state() -> None:
    definition = in_sequence(Each=each(in_sequence(Work=WORK), ItemsPath="$.x"))
    execution = run_purely(definition, {"x": {"a": 1}})
    assert execution.error == "States.Runtime"
    assert execution.cause.endswith('Reference path "$.x" must point to array.')


def test_a_failed_iteration_fails_an_inline_map() -> None:
    execution = run_purely(in_sequence(Each=each(in_sequence(Work=WORK))), [1, -2], {"work": picky})
    assert (execution.error, execution.cause) == ("Negative", "-2")
    assert execution.details("MapIterationFailed") == [{"name": "Each", "index": 1}]
    assert execution.event_types[-2:] == ["MapStateFailed", "ExecutionFailed"]


def test_iterations_of_a_distributed_map_are_executions() -> None:
    state = each({**DISTRIBUTED, **in_sequence(Work=WORK)})
    execution = run_purely(in_sequence(Each=state), [1], {"work": picky})
    assert execution.output == [10]
    types = execution.event_types
    assert types[2:] == [
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


@pytest.mark.parametrize(
    ("tolerance", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailureCountPath": "$.count"}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailurePercentagePath": "$.percentage"}, "SUCCEEDED"),
    ],
)
def test_a_distributed_map_tolerates_failures(tolerance: dict[str, Any], status: str) -> None:
    state = each({**DISTRIBUTED, **in_sequence(Work=WORK)}, ItemsPath="$.items", **tolerance)
    execution = run_purely(
        in_sequence(Each=state),
        {"items": [1, -2, 3, -4], "count": 2, "percentage": 50.0},
        {"work": picky},
    )
    assert execution.status == status
    if status == "FAILED":
        error = "States.ExceedToleratedFailureThreshold"
        assert execution.error == error
        assert execution.details("MapRunFailed")[0]["error"] == error
        assert execution.event_types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def fan_out_of(state: dict[str, Any], execution_input: Any) -> FanOut:
    engine = pure_engine(in_sequence(Each=state), execution_input)
    step = engine.step(root_frame(engine.machine, execution_input), Start())
    assert isinstance(step.outcome, FanOut), step.outcome
    return step.outcome


def test_a_fan_out_tells_all_that_its_children_need() -> None:
    state = each(
        {**DISTRIBUTED, **in_sequence(Work=WORK)},
        ItemsPath="$.items",
        MaxConcurrencyPath="$.width",
        ToleratedFailureCount=1,
        ToleratedFailurePercentage=12.5,
    )
    given: Json = {"items": ["a", "b"], "width": 3}
    assert fan_out_of(state, given) == FanOut(
        kind=FanOutKind.DISTRIBUTED_MAP,
        scopes=("/States/Each/ItemProcessor",),
        items=["a", "b"],
        input=given,
        total=2,
        max_concurrency=3,
        tolerated_failure_count=1,
        tolerated_failure_percentage=12.5,
    )


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        (
            "MaxConcurrency",
            -1,
            "Expected non-negative integer for MaxConcurrency, got '-1' instead.",
        ),
        ("MaxConcurrency", "x", 'refers to value "x" which is not a valid integer: $.v'),
        ("ToleratedFailureCount", -1, "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailureCount", 1.5, 'refers to value "1.5" which is not a valid integer: $.v'),
        ("ToleratedFailurePercentage", 101, "must be between 0 and 100."),
        ("ToleratedFailurePercentage", None, 'refers to value "null" which is not a valid float'),
    ],
)
def test_a_bad_number_fails_the_map_before_anything_runs(
    field: str, value: Any, problem: str
) -> None:
    processor = {**DISTRIBUTED, **in_sequence(Work=WORK)}
    state = each(processor, ItemsPath="$.items", **{f"{field}Path": "$.v"})
    execution = run_purely(in_sequence(Each=state), {"items": [1], "v": value})
    assert execution.error == "States.Runtime"
    assert problem in execution.cause
    # AWS evaluates the tolerance only when the state counts as started.
    started = ["MapStateStarted"] if field.startswith("Tolerated") else []
    assert execution.event_types[2:] == [*started, "ExecutionFailed"]


def test_a_selector_that_fails_for_an_item_fails_the_map() -> None:
    selector = {"v.$": "$$.Map.Item.Value.v"}
    definition = in_sequence(Each=each(in_sequence(One={"Type": "Pass"}), ItemSelector=selector))
    execution = run_purely(definition, [{"v": 1}, {}])
    assert execution.error == "States.Runtime"
    assert "'Each'" in execution.cause


def test_map_inside_parallel_inside_map() -> None:
    left = each(in_sequence(WorkLeft=WORK), ItemsPath="$.numbers")
    right = each(in_sequence(WorkRight=WORK), ItemsPath="$.numbers")
    fan = {"Type": "Parallel", "Branches": [in_sequence(Left=left), in_sequence(Right=right)]}
    definition = in_sequence(Outer=each(in_sequence(Fan=fan)))
    given: Json = [{"numbers": [1, 2]}, {"numbers": []}]
    execution = run_purely(definition, given, {"work": picky})
    assert execution.output == [[[10, 20], [10, 20]], [[], []]]
