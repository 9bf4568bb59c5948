"""Which variables the states of a definition refer to."""

from typing import Any

import pytest

from pipeline.language.json_value import Json, JsonObject
from pipeline.language.query.jsonata import parse_jsonata
from pipeline.language.referenced_variables import referenced_variables
from tests.unit.language.documents import DISTRIBUTED, END, FUNCTION, TASK, machine, problems

JSONATA: JsonObject = {"QueryLanguage": "JSONata"}
PASS: dict[str, Any] = {**END}
WORK: dict[str, Any] = {**TASK}


def of(state: JsonObject) -> list[str]:
    """What a lone state refers to."""
    return referenced_variables(machine(state)).get("S", [])


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ({**PASS, "InputPath": "$a", "OutputPath": "$b[0]['$c']"}, ["a", "b"]),
        ({**PASS, "InputPath": "$.a['$c'].$d", "OutputPath": "$$.Execution.Input.x"}, []),
        ({**PASS, "Parameters": {"x.$": "$b.c", "y": [{"z.$": "$a"}], "w.$": "$.c"}}, ["a", "b"]),
        ({**PASS, "Parameters": {"x": "$a", "SomePath": "$b", "Variable": "$c"}}, []),
        ({**PASS, "Parameters": {"Comment": {"x.$": "$a"}, "Result": {"y.$": "$b"}}}, ["a", "b"]),
        ({**PASS, "Result": {"x.$": "$a", "InputPath": "$b"}, "Comment": "$c"}, []),
        ({**PASS, "Assign": {"a.$": "States.MathAdd($b, 1)", "c": 1}}, ["b"]),
        (
            {**PASS, "Assign": {"a.$": "States.Format('$x {}', States.Array($b.c, $$.State, $d))"}},
            ["b", "d"],
        ),
        ({**PASS, "Assign": {"a.$": "$b[?(@.x == 1)]"}}, ["b"]),
        ({"Type": "Fail", "ErrorPath": "$a", "CausePath": "States.Format('{}', $b)"}, ["a", "b"]),
        ({"Type": "Wait", "SecondsPath": "$a.b", "End": True}, ["a"]),
        (
            {
                **WORK,
                "TimeoutSecondsPath": "$t",
                "Credentials": {"RoleArn.$": "$role"},
                "ResultSelector": {"x.$": "$s"},
                "ResultPath": "$.p",
                "Catch": [{"ErrorEquals": ["E"], "Assign": {"x.$": "$c"}, "Next": "S"}],
            },
            ["c", "role", "s", "t"],
        ),
        (
            {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [
                            {"Variable": "$a", "StringEqualsPath": "$b"},
                            {"Not": {"Variable": "$.x", "StringEquals": "$no"}},
                        ],
                        "Assign": {"x.$": "$c"},
                        "Next": "S",
                    }
                ],
            },
            ["a", "b", "c"],
        ),
    ],
)
def test_in_json_path_a_variable_begins_a_path(state: JsonObject, names: list[str]) -> None:
    assert of(state) == names


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("{% $a.b + $c %}", ["a", "c"]),
        ("{% $states.input.a ~> $sum %}", []),
        ("{% $map($a, $string) %}", ["a"]),
        ({"x": ["{% $a %}", "$b", {"y": "{% $c %}", "Comment": "{% $d %}"}]}, ["a", "c", "d"]),
        ("{% ($x := $a; $x + $y) %}", ["a", "y"]),
        ("{% ($x := $x + 1; $x) %}", ["x"]),
        ("{% (($x := 1; $x); $x) %}", ["x"]),
        ("{% ($x := $y := 1; $x + $y) %}", []),
        ("{% ($f := function($n){ $n < 1 ? $a : $f($n - 1) }; $f(3)) %}", ["a"]),
        ("{% function($n){ $n }($n) %}", ["n"]),
        ("{% $states.input.b@$l#$i.c[$l = $i and $a]^($z) %}", ["a", "z"]),
        ("{% $a[x = $b]{$c: $d} %}", ["a", "b", "c", "d"]),
        ("{% $a ~> |x|{'y': $b}| %}", ["a", "b"]),
        ("{% $f(?, $a) %}", ["a", "f"]),
        ("{% '$a' & $$ & $ %}", []),
        ("not {% $a %}", []),
    ],
)
def test_in_jsonata_it_is_what_an_expression_does_not_bind(value: Json, names: list[str]) -> None:
    assert of({**JSONATA, **END, "Output": value}) == names


def test_a_name_of_a_function_is_a_variable_where_it_is_assigned_and_read() -> None:
    assign: JsonObject = {"count": "{% $count($states.input) %}", "sum": "{% $count + $max %}"}
    assert of({**JSONATA, **END, "Assign": assign}) == ["count"]


def test_every_field_of_a_jsonata_state_counts() -> None:
    state: JsonObject = {
        **JSONATA,
        **TASK,
        "Comment": "{% $no %}",
        "Arguments": {"x": "{% $a %}"},
        "TimeoutSeconds": "{% $t %}",
        "Catch": [{"ErrorEquals": ["E"], "Output": "{% $c %}", "Next": "S"}],
    }
    assert of(state) == ["a", "c", "t"]


def test_a_state_does_not_refer_to_what_only_the_states_within_it_do() -> None:
    inner: JsonObject = {**END, "InputPath": "$a"}
    deep: JsonObject = {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "I", "States": {"I": inner, "J/1": END}},
        "ItemsPath": "$b",
        "End": True,
    }
    outer: JsonObject = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "M", "States": {"M": deep}}],
        "End": True,
    }
    found = referenced_variables(machine(outer, Other={**END, "InputPath": "$c"}))
    assert found == {"M": ["b"], "I": ["a"], "Other": ["c"]}


def test_a_state_is_read_in_its_own_query_language() -> None:
    in_jsonata: JsonObject = {**END, "Output": "{% $a %}"}
    in_json_path: JsonObject = {
        **TASK,
        "QueryLanguage": "JSONPath",
        "Resource": FUNCTION,
        "Parameters": {"x": "{% $b %}", "y.$": "$c"},
    }
    document = {**machine(in_jsonata, Other=in_json_path), **JSONATA}
    assert referenced_variables(document) == {"S": ["a"], "Other": ["c"]}


def test_a_state_may_have_the_name_of_a_field() -> None:
    document = machine({**END, "Next": "Result"}, Result={**END, "InputPath": "$a"})
    assert referenced_variables(document) == {"Result": ["a"]}


def test_texts_and_calls_in_a_distributed_map_are_no_outer_variables() -> None:
    first: JsonObject = {"Type": "Pass", "Assign": {"count": 1, "x": 2}, "Next": "M"}
    computed = "{% $count($states.input) + $x %}"
    call: JsonObject = {"Type": "Pass", **JSONATA, "Output": computed, "Next": "T"}
    text: JsonObject = {**END, "Parameters": {"FilePath": "$x", "y": "{% $x %}"}}
    scope: JsonObject = {**DISTRIBUTED, "StartAt": "C", "States": {"C": call, "T": text}}
    state: JsonObject = {"Type": "Map", "ItemProcessor": scope, "End": True}
    assert [place for place, _ in problems(machine(first, M=state))] == [
        "/States/M/ItemProcessor/States/C/Output"
    ]


def test_an_expression_may_nest_more_deeply_than_python_recurses() -> None:
    text = " + ".join(["$a"] * 5_000)
    assert parse_jsonata(text).references.read == {"a"}
