"""JSON with expressions in it, and the causes of its failures."""

import pytest

from pipeline.language.errors import ExecutionError, Problem
from pipeline.language.json_value import Json
from pipeline.language.query.jsonata_template import parse_jsonata_template
from tests.unit.language.jsonata_expressions import evaluation, template


def failure(value: Json, document: Json = None, expected: str | None = None) -> tuple[str, str]:
    parsed, data = template(value), evaluation(document)
    with pytest.raises(ExecutionError) as failed:
        _ = (
            parsed.evaluate_typed(data, "Output", expected)
            if expected
            else parsed.evaluate(data, "Output")
        )
    return failed.value.error, failed.value.cause


def test_strings_that_are_wrapped_are_computed_and_others_are_not() -> None:
    value: Json = {
        "a": "{% $states.input.x + 1 %}",
        "b": ["{% $states.input.x %}", "plain {% 1 %} text", 5, None, {"c": "{% 'deep' %}"}],
        "{% 'key' %}": True,
    }
    assert template(value).evaluate(evaluation({"x": 1}), "Output") == {
        "a": 2,
        "b": [1, "plain {% 1 %} text", 5, None, {"c": "deep"}],
        "{% 'key' %}": True,
    }


@pytest.mark.parametrize("text", ["{% 1", "1 %}", " {% 1 %}", "{% 1 %} ", "x {% 1 %}", "{%}"])
def test_an_expression_that_is_opened_or_closed_badly_is_refused(text: str) -> None:
    problems: list[Problem] = []
    parse_jsonata_template({"a": [text]}, "/States/S/Output", problems)
    [problem] = problems
    assert problem.place == "/States/S/Output/a/0"
    assert problem.message == "A JSONata expression must begin with '{%' and end with '%}'"


def test_a_template_may_be_one_expression() -> None:
    assert template("{% $states.input %}").evaluate(evaluation([1]), "Output") == [1]


@pytest.mark.parametrize("value", [None, True, 1, "text", [], {}, [{"a": []}]])
def test_what_has_no_expression_is_itself(value: Json) -> None:
    parsed = template(value)
    assert parsed.evaluate(evaluation(), "Output") == value
    assert parsed.evaluate_typed(evaluation(), "Output", "number") == value


def test_the_expressions_of_a_template_see_one_time() -> None:
    value = template({"a": "{% $millis() %}", "b": "{% $millis() %}"}).evaluate(evaluation(), "O")
    assert isinstance(value, dict)
    assert value["a"] == value["b"]


def test_a_failing_expression_is_told_with_its_field() -> None:
    assert failure({"a": [{"b": "{% 'x' + 1 %}"}]}) == (
        "States.QueryEvaluationError",
        "The JSONata expression ''x' + 1' specified for the field 'Output/a[0]/b' threw an error"
        ' during evaluation. T2001: The left side of the "+" operator must evaluate to a number',
    )


def test_an_undefined_result_is_a_failure() -> None:
    assert failure("{% $states.input.missing %}", {}) == (
        "States.QueryEvaluationError",
        "The JSONata expression '$states.input.missing' specified for the field 'Output' returned"
        " nothing (undefined).",
    )


@pytest.mark.parametrize("text", ["$sum", "[function($x){ $x }]"])
def test_a_function_as_result_is_a_failure(text: str) -> None:
    assert failure(f"{{% {text} %}}") == (
        "States.QueryEvaluationError",
        f"The JSONata expression '{text}' specified for the field 'Output' returned an unsupported"
        " result type.",
    )


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (None, "null", "null"),
        (True, "boolean", "true"),
        ("x", "string", '"x"'),
        ([1], "array", "[1]"),
        ({"a": 1}, "object", '{"a":1}'),
    ],
)
def test_a_result_of_another_type_is_a_failure(value: Json, name: str, text: str) -> None:
    assert failure("{% $states.input %}", value, expected="number") == (
        "States.QueryEvaluationError",
        "The JSONata expression '$states.input' specified for the field 'Output' returned an"
        f" unexpected result type. Expected 'number', but was '{name}' for value: {text}",
    )


def test_a_result_of_the_expected_type_is_given() -> None:
    computed = template("{% $states.input %}")
    assert computed.evaluate_typed(evaluation(5), "TimeoutSeconds", "number") == 5
    assert computed.evaluate_typed(evaluation(True), "Condition", "boolean") is True


def test_every_bad_expression_is_a_problem_with_its_place() -> None:
    problems: list[Problem] = []
    value: Json = {"a/b": ["{% 1 %}", "{% 1 + %}"], "c": "{% ) %}"}
    parse_jsonata_template(value, "/States/S/Output", problems)
    assert [problem.place for problem in problems] == [
        "/States/S/Output/a~1b/1",
        "/States/S/Output/c",
    ]
    assert problems[0].message.startswith("The JSONata expression is not valid: S0207")


def test_a_template_tells_what_it_refers_to() -> None:
    parsed = template({"a": "{% $x + $states.result.y %}", "b": ["{% $sum($z) %}"]})
    assert parsed.reads("result")
    assert not parsed.reads("errorOutput")
