"""Variables in definitions and paths: names, scopes, and what a path that begins with one finds."""

import random

import pytest

from pipeline.language.errors import ExecutionError, UndefinedVariable
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.query.json_path import parse_json_path
from pipeline.language.query.payload_template import parse_payload_template
from pipeline.language.variables import check_sizes
from tests.unit.language.documents import (
    CHOICE,
    DISTRIBUTED,
    DISTRIBUTED_MAP,
    END,
    MAP,
    PARALLEL,
    TASK,
    machine,
    problems,
)


def evaluation(**variables: Json) -> Evaluation:
    sources = Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t")
    return Evaluation(input={"a": 1}, context={}, sources=sources, variables=dict(variables))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$order", {"id": 7, "lines": [1, 2, 3]}),
        ("$order.id", 7),
        ("$order['id']", 7),
        ("$order.lines[0]", 1),
        ("$order.lines[1:]", [2, 3]),
        ("$order.lines.length()", 3),
        ("$größe", "xl"),
        ("$a_1", None),
    ],
)
def test_a_path_may_begin_with_a_variable(path: str, value: Json) -> None:
    given = evaluation(order={"id": 7, "lines": [1, 2, 3]}, größe="xl", a_1=None)
    assert parse_json_path(path).evaluate(given) == value


def test_a_variable_that_is_not_assigned_is_named() -> None:
    with pytest.raises(UndefinedVariable, match=r"\$nobody"):
        parse_json_path("$nobody.a").evaluate(evaluation(somebody=1))


def test_templates_and_intrinsic_functions_read_variables() -> None:
    found: list[object] = []
    template = parse_payload_template(
        {"a.$": "$x", "b.$": "States.Format('{} of {}', $x, $.a)"},
        "",
        found,  # type: ignore[arg-type]
    )
    assert found == []
    assert template.evaluate(evaluation(x=5)) == {"a": 5, "b": "5 of 1"}


def test_an_undefined_variable_fails_a_template_at_run_time() -> None:
    template = parse_payload_template({"a.$": "States.Array($x)"}, "", [])
    with pytest.raises(ExecutionError) as failure:
        template.evaluate(evaluation())
    assert failure.value.error == "States.Runtime"
    assert "$x" in failure.value.cause


CATCH: JsonObject = {"ErrorEquals": ["States.ALL"], "Next": "Z"}


@pytest.mark.parametrize("name", ["1a", "_a", "a-b", "a b", "", "n" * 81, "states"])
@pytest.mark.parametrize("suffix", ["", ".$"])
def test_a_bad_name_of_a_variable_is_refused(name: str, suffix: str) -> None:
    field = f"{name}{suffix}"
    [(place, _)] = problems(machine({**END, "Assign": {field: "$.a"}}))
    assert place == f"/States/S/Assign/{field}"


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({**TASK, "Assign": {"1": 1}}, "Assign/1"),
        ({**MAP, "Assign": {"1": 1}}, "Assign/1"),
        ({**PARALLEL, "Assign": {"1": 1}}, "Assign/1"),
        ({"Type": "Wait", "Seconds": 1, "End": True, "Assign": {"1": 1}}, "Assign/1"),
        ({**TASK, "Catch": [{**CATCH, "Assign": {"1": 1}}]}, "Catch/0/Assign/1"),
        ({**CHOICE, "Assign": {"1": 1}}, "Assign/1"),
        (
            {**CHOICE, "Choices": [{**CHOICE["Choices"][0], "Assign": {"1": 1}}]},  # type: ignore[dict-item, index]
            "Choices/0/Assign/1",
        ),
        ({**END, "Assign": 1}, "Assign"),
        ({"Type": "Succeed", "Assign": {"a": 1}}, "Assign"),
        ({"Type": "Fail", "Assign": {"a": 1}}, "Assign"),
    ],
)
def test_where_assign_stands_it_is_checked(state: JsonObject, place: str) -> None:
    assert f"/States/S/{place}" in [found for found, _ in problems(machine(state, Z=END))]


def scope(name: str, **fields: Json) -> JsonObject:
    return {"StartAt": name, "States": {name: {**END, **fields}}}


def test_an_inner_scope_cannot_assign_a_name_of_an_outer_one() -> None:
    branches: list[Json] = [scope("A", Assign={"x.$": "$.b"}), scope("B", Assign={"y": 1})]
    document = machine({**PARALLEL, "Assign": {"x": 1, "z": 1}, "Branches": branches})
    [(place, message)] = problems(document)
    assert place == "/States/S/Branches/0/States/A/Assign/x.$"
    assert "'x'" in message


def test_the_outer_scope_counts_as_a_whole_and_at_every_depth() -> None:
    deep: JsonObject = {**MAP, "ItemProcessor": scope("Deep", Assign={"x": 1})}
    branch: JsonObject = {"StartAt": "M", "States": {"M": deep}}
    later = {**END, "Assign": {"x": 2}}
    fan: JsonObject = {"Type": "Parallel", "Branches": [branch], "Next": "Later"}
    [(place, _)] = problems(machine(fan, Later=later))
    assert place == "/States/S/Branches/0/States/M/ItemProcessor/States/Deep/Assign/x"


def test_a_distributed_map_cannot_read_outer_variables() -> None:
    inner = scope(
        "I", Parameters={"a.$": "$x.b", "c.$": "States.Format('$x {}', $own)"}, Result={"a.$": "$x"}
    )
    state = {
        **DISTRIBUTED_MAP,
        "ItemSelector": {"x.$": "$x"},
        "ItemProcessor": {**DISTRIBUTED, **inner},
    }
    first: JsonObject = {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}
    assert [place for place, _ in problems(machine(first, M=state))] == [
        "/States/M/ItemProcessor/States/I/Parameters/a.$"
    ]


def test_a_distributed_map_in_jsonata_cannot_read_outer_variables() -> None:
    inner = scope("I", Output="{% ($own := 1; $own + $x) %}", Assign={"seen": "{% $own %}"})
    state = {
        **DISTRIBUTED_MAP,
        "ItemSelector": {"x": "{% $x + $own %}"},
        "ItemProcessor": {**DISTRIBUTED, **inner},
    }
    first: JsonObject = {"Type": "Pass", "Assign": {"x": 1, "own": 2}, "Next": "M"}
    document = {**machine(first, M=state), "QueryLanguage": "JSONata"}
    states = "/States/M/ItemProcessor/States/I"
    assert [place for place, _ in problems(document)] == [
        f"{states}/Output",
        f"{states}/Assign/seen",
    ]


@pytest.mark.parametrize(
    "assigned",
    [{"a": "x" * 262_143}, {"a": "x" * 140_000, "b": "x" * 140_000}],
    ids=["one", "together"],
)
def test_one_assign_holds_no_more_than_256_kib(assigned: JsonObject) -> None:
    with pytest.raises(ExecutionError) as failure:
        check_sizes(assigned, {})
    assert failure.value.error == "States.Runtime"


def test_all_variables_hold_no_more_than_10_mib() -> None:
    full: JsonObject = {f"v{index}": "x" * 262_000 for index in range(39)}
    check_sizes({"a": "x" * 262_000}, full)
    check_sizes({"v0": "x" * 262_000, "a": ""}, full)
    with pytest.raises(ExecutionError) as failure:
        check_sizes({"a": "x" * 262_000}, {**full, "more": "x" * 262_000})
    assert failure.value.error == "States.Runtime"
