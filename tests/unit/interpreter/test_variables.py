"""Variables while a machine runs: when they are assigned, who sees them, and how long."""

from typing import Any

import pytest

from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json
from tests.pure_engine import in_sequence, run_purely

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
PASS = {"Type": "Pass"}
TASK = {"Type": "Task", "Resource": FUNCTION}
NEVER = {"Variable": "$.no", "IsPresent": True, "Next": "End"}
GIVEN: Json = {"n": 1, "list": [4, 5]}


def show(*names: str) -> dict[str, Any]:
    """A state whose output holds variables."""
    return {"Type": "Pass", "Parameters": {f"{name}.$": f"${name}" for name in names}}


def answer(_: Any) -> Any:
    return {"answer": 42}


def broken(_: Any) -> Any:
    raise ExecutionError("Broken", "on purpose")


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        (PASS, GIVEN),
        ({**PASS, "InputPath": "$.n"}, 1),
        ({**PASS, "Parameters": {"m.$": "$.n"}}, {"m": 1}),
        ({**PASS, "Result": {"r": 2}, "ResultPath": "$.into"}, {"r": 2}),
        ({"Type": "Wait", "Seconds": 1, "InputPath": "$.n"}, 1),
        (TASK, {"answer": 42}),
        ({**TASK, "ResultSelector": {"a.$": "$.answer"}, "ResultPath": None}, {"a": 42}),
        (
            {
                "Type": "Parallel",
                "Branches": [in_sequence(B={**PASS, "Result": 1})],
                "ResultSelector": {"first.$": "$[0]"},
            },
            {"first": 1},
        ),
        ({"Type": "Map", "ItemsPath": "$.list", "ItemProcessor": in_sequence(I=PASS)}, [4, 5]),
    ],
)
def test_assign_sees_the_effective_result_of_its_state(state: dict[str, Any], seen: Json) -> None:
    machine = in_sequence(S={**state, "Assign": {"seen.$": "$"}}, Last=show("seen"))
    ended = run_purely(machine, GIVEN, {"work": answer})
    assert (ended.output, ended.cause) == ({"seen": seen}, "")


def test_one_assign_sees_the_values_before_it_and_so_does_the_rest_of_its_state() -> None:
    swap = {
        **PASS,
        "Assign": {"a.$": "$b", "b.$": "$a", "c.$": "States.Format('{}{}', $a, $b)"},
        "Parameters": {"during.$": "$a"},
        "OutputPath": "$.during",
    }
    machine = in_sequence(
        First={**PASS, "Assign": {"a": 1, "b": 2}},
        Swap=swap,
        Last={**PASS, "Parameters": {"during.$": "$", "now.$": "States.Array($a, $b, $c)"}},
    )
    assert run_purely(machine).output == {"during": 1, "now": [2, 1, "12"]}


def test_assign_sees_the_context_object_and_keeps_what_is_no_expression() -> None:
    first = {**PASS, "Assign": {"name.$": "$$.State.Name", "list": [1, {"x.$": "$.n"}]}}
    ended = run_purely(in_sequence(First=first, Last=show("name", "list")), GIVEN)
    assert ended.output == {"name": "First", "list": [1, {"x": 1}]}


def test_every_path_field_takes_a_variable() -> None:
    machine = in_sequence(
        First={**PASS, "Assign": {"v": {"seconds": 5, "items": [1, 2], "lanes": 1, "limit": 60}}},
        Wait={"Type": "Wait", "SecondsPath": "$v.seconds"},
        Task={**TASK, "TimeoutSecondsPath": "$v.limit", "ResultPath": "$.done"},
        Each={
            "Type": "Map",
            "ItemsPath": "$v.items",
            "MaxConcurrencyPath": "$v.lanes",
            "ItemSelector": {"i.$": "$$.Map.Item.Value", "all.$": "$v.items"},
            "ItemProcessor": in_sequence(I={**PASS, "OutputPath": "$.i"}),
        },
        Choose={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$nobody", "IsPresent": True, "Next": "Bad"},
                {"Variable": "$v.seconds", "NumericEqualsPath": "$v.lanes", "Next": "Bad"},
                {"Variable": "$v.limit", "NumericEquals": 60, "Next": "Last"},
            ],
        },
        Bad={"Type": "Fail", "ErrorPath": "$v.nothing"},
        Last={"Type": "Succeed", "InputPath": "$v.items", "OutputPath": "$v.limit"},
    )
    ended = run_purely(machine, {}, {"work": answer})
    assert (ended.output, ended.cause) == (60, "")


@pytest.mark.parametrize(
    "state",
    [
        {**PASS, "InputPath": "$x"},
        {**PASS, "Parameters": {"a.$": "$x"}},
        {**PASS, "Assign": {"a.$": "$x.y"}},
        {"Type": "Wait", "SecondsPath": "$x"},
        {"Type": "Fail", "CausePath": "$x"},
        {"Type": "Choice", "Choices": [{"Variable": "$x", "IsNull": True, "Next": "S"}]},
    ],
)
def test_a_variable_that_is_not_assigned_fails_the_execution(state: dict[str, Any]) -> None:
    first = {"Type": "Choice", "Choices": [NEVER], "Default": "S"}
    ended = run_purely(in_sequence(First=first, S=state, End={"Type": "Succeed"}))
    assert ended.error == "States.Runtime"
    assert "$x" in ended.cause
    assert "'S'" in ended.cause


def test_a_missing_field_of_a_variable_is_a_missing_path() -> None:
    first = {**PASS, "Assign": {"x": {"a": 1}}}
    ended = run_purely(in_sequence(F=first, S={**PASS, "Parameters": {"b.$": "$x.b"}}))
    assert ended.error == "States.Runtime"
    assert "'$x.b'" in ended.cause


CHOOSE = {
    "Type": "Choice",
    "Choices": [
        {
            "Variable": "$.n",
            "NumericEquals": 1,
            "Assign": {"way": "rule", "n.$": "$.n"},
            "Next": "Last",
        }
    ],
    "Assign": {"way": "default", "n.$": "$.n"},
    "Default": "Last",
}


@pytest.mark.parametrize(("n", "way"), [(1, "rule"), (2, "default")])
def test_a_choice_assigns_what_its_rule_or_else_its_default_says(n: int, way: str) -> None:
    ended = run_purely(in_sequence(Choose=CHOOSE, Last=show("way", "n")), {"n": n})
    assert ended.output == {"way": way, "n": n}


def test_a_catcher_assigns_from_the_error_output_and_the_state_does_not() -> None:
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"error.$": "$.Error", "before.$": "$a"},
        "ResultPath": None,
        "Next": "Last",
    }
    machine = in_sequence(
        First={**PASS, "Assign": {"a": 1}},
        Task={**TASK, "Assign": {"a": 2}, "Catch": [catcher]},
        Last=show("error", "before", "a"),
    )
    assert run_purely(machine, {}, {"work": broken}).output == {
        "error": "Broken",
        "before": 1,
        "a": 1,
    }


def test_variables_outlive_retries_and_waits() -> None:
    tries = iter([broken, answer])

    def flaky(given: Any) -> Any:
        return next(tries)(given)

    machine = in_sequence(
        First={**PASS, "Assign": {"a": 1}},
        Task={**TASK, "Parameters": {"a.$": "$a"}, "Retry": [{"ErrorEquals": ["Broken"]}]},
        Wait={"Type": "Wait", "Seconds": 3},
        Last=show("a"),
    )
    assert run_purely(machine, {}, {"work": flaky}).output == {"a": 1}


def test_branches_and_iterations_read_outer_variables_and_keep_their_own() -> None:
    inner = in_sequence(
        A={**PASS, "Assign": {"own.$": "States.Format('{}-{}', $outer, $)"}}, B=show("own")
    )
    machine = in_sequence(
        First={**PASS, "Assign": {"outer": "o"}},
        Each={"Type": "Map", "ItemProcessor": inner, "ResultPath": "$"},
        After={
            "Type": "Choice",
            "Choices": [{"Variable": "$own", "IsPresent": True, "Next": "Leaked"}],
            "Default": "Fan",
        },
        Leaked={"Type": "Fail"},
        Fan={
            "Type": "Parallel",
            "Branches": [
                in_sequence(L={**PASS, "Assign": {"mine": "l"}}, L2=show("outer", "mine")),
                in_sequence(R={**PASS, "Assign": {"mine": "r"}}, R2=show("outer", "mine")),
            ],
        },
    )
    ended = run_purely(machine, [1, 2])
    assert ended.output == [{"outer": "o", "mine": "l"}, {"outer": "o", "mine": "r"}], ended.cause
    [exited] = ended.details("MapStateExited")
    assert exited["output"] == [{"own": "o-1"}, {"own": "o-2"}]


def test_a_distributed_map_begins_without_variables() -> None:
    check = {
        "Type": "Choice",
        "Choices": [{"Variable": "$mine", "IsPresent": True, "Next": "Seen"}],
        "Default": "Not",
    }
    inner = in_sequence(
        A=check, Seen={"Type": "Fail"}, Not={**PASS, "Assign": {"mine": 1}, "End": True}
    )
    each = {
        "Type": "Map",
        "ItemSelector": {"o.$": "$outer"},
        "ItemProcessor": {**DISTRIBUTED, **inner},
    }
    machine = in_sequence(First={**PASS, "Assign": {"outer": 9}}, Each=each)
    assert run_purely(machine, [1]).output == [{"o": 9}]


def test_the_history_tells_what_a_state_assigned() -> None:
    machine = in_sequence(A={**PASS, "Assign": {"x": 1, "y": "z"}}, B=PASS)
    first, second = run_purely(machine, 0).details("PassStateExited")
    assert first == {"name": "A", "output": 0, "assignedVariables": {"x": 1, "y": "z"}}
    assert second == {"name": "B", "output": 0}


def test_a_variable_that_is_too_large_fails_the_state_unless_limits_are_lifted() -> None:
    state = {**TASK, "Assign": {"x.$": "$", "y.$": "$"}, "ResultPath": None}
    machine, functions = in_sequence(A=state), {"work": lambda _: "x" * 140_000}
    ended = run_purely(machine, {}, functions)
    assert ended.error == "States.Runtime"
    assert "'A'" in ended.cause
    assert run_purely(machine, {}, functions, strict_limits=False).status == "SUCCEEDED"
