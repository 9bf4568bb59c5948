"""Payload templates."""

import copy
import random

import pytest

from pipeline.language.errors import ExecutionError, Problem
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json
from pipeline.language.query.payload_template import parse_payload_template

EVALUATION = Evaluation(
    input={"a": 1, "list": [{"n": 1}, {"n": 2}]},
    context={"State": {"Name": "S"}},
    sources=Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t"),
)


def evaluate(template: Json) -> Json:
    problems: list[Problem] = []
    compiled = parse_payload_template(template, "/States/S/Parameters", problems)
    assert problems == []
    return compiled.evaluate(EVALUATION)


def problems_of(template: Json) -> list[Problem]:
    problems: list[Problem] = []
    parse_payload_template(template, "/States/S/Parameters", problems)
    return problems


@pytest.mark.parametrize(
    ("template", "payload"),
    [
        ({"x.$": "$.a"}, {"x": 1}),
        ({"x.$": "$$.State.Name"}, {"x": "S"}),
        ({"x.$": "States.MathAdd($.a, 2)"}, {"x": 3}),
        ({"x.$": "$.list[*].n"}, {"x": [1, 2]}),
        ({"deep": {"er": {"x.$": "$.a"}, "y": "$.a"}}, {"deep": {"er": {"x": 1}, "y": "$.a"}}),
        ({"in": [1, {"x.$": "$.a"}, [{"y.$": "$.a"}]]}, {"in": [1, {"x": 1}, [{"y": 1}]]}),
        ([{"x.$": "$.a"}], [{"x": 1}]),
        ({".$": "$.a"}, {"": 1}),
        ({"x.$.$": "$.a"}, {"x.$": 1}),
        ({"x$": "$.a", "$": "$.a"}, {"x$": "$.a", "$": "$.a"}),
        ("$.a", "$.a"),
        (None, None),
        ({}, {}),
    ],
)
def test_fields_that_end_in_dollar_are_computed_wherever_they_stand(
    template: Json, payload: Json
) -> None:
    assert evaluate(template) == payload


def test_the_order_of_fields_is_kept() -> None:
    payload = evaluate({"z": 1, "a.$": "$.a", "m": 2})
    assert isinstance(payload, dict)
    assert list(payload) == ["z", "a", "m"]


def test_a_template_without_computed_fields_is_returned_as_it_is() -> None:
    template: Json = {"a": [{"b": 1}]}
    assert evaluate(template) is template


def test_evaluating_changes_neither_template_nor_input() -> None:
    template: Json = {"x.$": "$.list", "y": [{"z.$": "$.a"}]}
    before = copy.deepcopy((template, EVALUATION.input))
    evaluate(template)
    assert (template, EVALUATION.input) == before


def test_a_missing_path_fails_at_run_time_in_the_words_of_aws() -> None:
    with pytest.raises(ExecutionError) as caught:
        evaluate({"in": {"foo.$": "$.x"}})
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        "The JSONPath '$.x' specified for the field 'foo.$' could not be found in the input"
        """ '{"a":1,"list":[{"n":1},{"n":2}]}'"""
    )


def test_a_missing_path_among_a_functions_arguments_fails_at_run_time() -> None:
    with pytest.raises(ExecutionError) as caught:
        evaluate({"foo.$": "States.Format('{}', $.x)"})
    assert caught.value.error == "States.Runtime"
    assert "The function 'States.Format('{}', $.x)' had the following error" in caught.value.cause
    assert "'$.x' could not be found in the input '{\"a\":1" in caught.value.cause


def test_a_failing_function_is_an_intrinsic_failure() -> None:
    with pytest.raises(ExecutionError) as caught:
        evaluate({"foo.$": "States.ArrayLength($.a)"})
    assert caught.value.error == "States.IntrinsicFailure"


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ({"x.$": 1}, "/x.$"),
        ({"x.$": None}, "/x.$"),
        ({"x.$": {"y": 1}}, "/x.$"),
        ({"x.$": "plain text"}, "/x.$"),
        ({"x.$": ""}, "/x.$"),
        ({"x.$": "$.a["}, "/x.$"),
        ({"x.$": "States.Nope()"}, "/x.$"),
        ({"x": 1, "x.$": "$.a"}, "/x.$"),
        ({"l": [0, {"a/b~": {"x.$": "$1variable"}}]}, "/l/1/a~1b~0/x.$"),
    ],
)
def test_a_bad_computed_field_is_a_problem_at_its_place(template: Json, place: str) -> None:
    assert [problem.place for problem in problems_of(template)] == [f"/States/S/Parameters{place}"]


def test_all_problems_are_reported_at_once() -> None:
    places = [problem.place for problem in problems_of({"a.$": 1, "b": {"c.$": "x"}, "d.$": "$."})]
    assert [place.rsplit("/", 1)[1] for place in places] == ["a.$", "c.$", "d.$"]


def test_a_field_given_twice_is_said_to_be() -> None:
    assert problems_of({"x.$": "$.a", "x": 1})[0].message == (
        "The field 'x' is given twice, as 'x' and as 'x.$'"
    )
