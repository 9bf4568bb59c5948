"""JSONata against small independent oracles."""

import json
import math
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.errors import InvalidExpression
from pipeline.language.json_value import Json, dumps, loads
from pipeline.language.query.jsonata import UNDEFINED, ExpressionFailed
from pipeline.language.query.jsonata_text import number_text
from pipeline.language.query.jsonata_values import json_number
from tests.unit.language.jsonata_expressions import evaluate, evaluation, template

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)
DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=15,
)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9).filter(lambda n: n == 0 or abs(n) > 1)


def normal(value: Json) -> Json:
    """A value whose integral numbers are integers, as JavaScript writes them."""
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, dict):
        return {name: normal(member) for name, member in value.items()}
    return [normal(item) for item in value] if isinstance(value, list) else value


@given(DOCUMENTS)
def test_any_value_passes_through_an_expression(document: Json) -> None:
    assert json.dumps(evaluate("$states.input", document)) == json.dumps(normal(document))
    wrapped = evaluate("$states.input.a.b", {"a": {"b": document}})
    assert json.dumps(wrapped) == json.dumps(normal(document))


@given(DOCUMENTS)
def test_any_value_passes_through_a_variable_and_its_text(document: Json) -> None:
    assert json.dumps(evaluate("$v", v=document)) == json.dumps(normal(document))
    assert evaluate("$parse($v)", v=dumps(document)) == normal(document)


@given(DOCUMENTS)
def test_any_value_equals_itself_and_its_copy(document: Json) -> None:
    assert evaluate("$a = $b and $not($a != $b)", a=document, b=loads(dumps(document))) is True


@given(DOCUMENTS)
def test_the_text_of_a_container_is_its_json(document: Json) -> None:
    if isinstance(document, dict | list):
        text = evaluate("$string($v)", v=document)
        assert isinstance(text, str)
        assert rounded(loads(text)) == rounded(normal(document))


def rounded(value: Json) -> Json:
    if isinstance(value, float):
        return float(f"{value:.15g}")
    if isinstance(value, dict):
        return {name: rounded(member) for name, member in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


@given(NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_doubles(a: float, b: float) -> None:
    assert evaluate("$a + $b", a=a, b=b) == float(a) + float(b)
    assert evaluate("$a - $b", a=a, b=b) == float(a) - float(b)
    assert evaluate("$a * $b", a=a, b=b) == json_number(float(a) * float(b))
    if b:
        assert evaluate("$a / $b", a=a, b=b) == float(a) / float(b)
        assert evaluate("$a % $b", a=a, b=b) == math.fmod(a, b)


@given(NUMBERS, NUMBERS)
def test_comparisons_are_those_of_numbers(a: float, b: float) -> None:
    assert evaluate("[$a < $b, $a <= $b, $a = $b, $a > $b]", a=a, b=b) == [
        a < b,
        a <= b,
        a == b,
        a > b,
    ]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_reads_as_the_number(number: float) -> None:
    assert float(number_text(number)) == number
    assert float(json_number(number)) == number


@given(st.lists(st.integers(-50, 50)))
def test_functions_on_arrays_do_what_pythons_do(items: list[int]) -> None:
    document: Json = list(items)
    assert evaluate("$count($v)", v=document) == len(items)
    assert evaluate("$sort($v)", v=document) == sorted(items)
    assert evaluate("$sort($v, function($l, $r){ $l > $r })", v=document) == sorted(items)
    assert evaluate("$distinct($v)", v=document) == list(dict.fromkeys(items))
    assert evaluate("$sum($v)", v=document) == sum(items)
    chunks = [items[start : start + 3] for start in range(0, len(items), 3)]
    assert evaluate("$partition($v, 3)", v=document) == chunks
    positive = [item for item in items if item > 0]
    found = evaluate("$v[$ > 0]", v=document)
    if len(positive) > 1:
        assert found == positive
    else:
        assert found == (positive[0] if positive else UNDEFINED)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers())))
def test_sorting_by_a_function_or_a_term_is_stable(pairs: list[tuple[int, int]]) -> None:
    document: Json = [{"k": key, "v": value} for key, value in pairs]
    expected = [{"k": key, "v": value} for key, value in sorted(pairs, key=lambda pair: pair[0])]
    assert evaluate("$sort($v, function($l, $r){ $l.k > $r.k })", v=document) == expected
    assert evaluate("[$v^(k)]", v=document) == expected


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-5, 5).filter(bool))
def test_a_range_begins_at_its_first_and_keeps_its_step(first: int, last: int, step: int) -> None:
    expected = []
    value = first
    while (value <= last) if step > 0 else (value >= last):
        expected.append(value)
        value += step
    assert evaluate("$range($a, $b, $c)", a=first, b=last, c=step) == expected


@given(st.text("a1.$é\n", max_size=8), st.text("$&0a", max_size=4))
def test_a_string_is_replaced_by_another_as_it_is(text: str, new: str) -> None:
    assert evaluate("$replace($t, 'a', $n)", t=text, n=new) == text.replace("a", new)


@given(DOCUMENTS)
def test_a_template_keeps_its_structure(document: Json) -> None:
    value = template({"kept": document, "computed": ["{% $states.input %}"]})
    result = value.evaluate(evaluation(7), "Output")
    assert result == {"kept": document, "computed": [7]}


@given(st.text("$states.input[]{}()\"'/*+~>|:=?%@#^&1a, ", max_size=25))
def test_any_text_is_refused_or_evaluated_and_nothing_else_happens(text: str) -> None:
    with suppress(InvalidExpression, ExpressionFailed):
        evaluate(text, {"a": 1})
