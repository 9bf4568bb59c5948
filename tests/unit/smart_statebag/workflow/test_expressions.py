"""The language of conditions (Contract 6.5)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.workflow.expressions import (
    ExpressionSyntaxError,
    ExpressionTypeError,
    evaluate,
    parse_expression,
    parse_path,
)
from tasks.smart_statebag.workflow.state_view import MISSING, StateView

STATE = {
    "n": 5,
    "f": 1.5,
    "text": "tea",
    "yes": True,
    "nothing": None,
    "list": [1, 2, {"deep": "x"}],
    "o": {"a": {"b": [10, 20]}, "in": 1, "a-b": 2},
    "empty": [],
    "이름": "차",
}


def value_of(text: str) -> object:
    return evaluate(parse_expression(text), StateView(state=STATE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n == 5", True),
        ("n == 5.0", True),
        ("n != 5", False),
        ("n < 6 and f >= 1.5", True),
        ("n > 6 or text == 'tea'", True),
        ('text == "tea"', True),
        ("not n", False),
        ("not missing", True),
        ("not not yes", True),
        ("yes == 1", False),
        ("text < 'tee'", True),
        ("2 in list", True),
        ("'ea' in text", True),
        ("'a' in o", True),
        ("7 not in list", True),
        ("text in ['coffee', 'tea']", True),
        ("1 in missing", False),
        ("1 not in missing", True),
        ("missing is defined", False),
        ("missing is not defined", True),
        ("nothing is defined", True),
        ("nothing == null", True),
        ("missing == null", True),
        ("$.o.a.b[0] == 10", True),
        ("o.a.b[-1] == 20", True),
        ("o.a.b[7] == null", True),
        ("o.in == 1", True),
        ("o['a-b'] == 2", True),
        ("list[2].deep", "x"),
        ("list == [1, 2]", False),
        ("empty == []", True),
        ("empty or 0 or ''", False),
        ("true and (false or yes)", True),
        ("not (n == 5 and text == 'tea')", False),
        ("n == 5 or n < 'x'", True),
        ("이름 == '차'", True),
        ("'\\u0041\\n' == 'A\\n'", True),
        ("-3 < 0", True),
        ("1e2 == 100", True),
    ],
)
def test_expression_has_its_value(text: str, expected: object) -> None:
    value = value_of(text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "text",
    ["n < text", "missing > 1", "yes < 2", "list < list", "null >= null", "1 in n", "o < o"],
)
def test_ordering_unlike_types_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionTypeError):
        value_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n ==",
        "n = 5",
        "len(list)",
        "text.upper()",
        "a < b < c",
        "a b",
        "(a",
        "a)",
        "'open",
        "__import__('os')",
        "a; b",
        "lambda: 1",
        "[a]",
        "1 is defined",
        "a is 5",
        "a not 5",
        "a[b]",
        "a[1.5]",
        "a..b",
        "in == 1",
        "01 == 1",
        "{}",
        "a if b else c",
        "a" * 2001,
        "(" * 60 + "a" + ")" * 60,
        "not " * 60 + "a",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        parse_expression(text)


def test_refusal_names_the_place() -> None:
    with pytest.raises(ExpressionSyntaxError) as refusal:
        parse_expression("n == 5 5")
    assert refusal.value.position == 7


def test_limits_are_not_reached_by_what_they_allow() -> None:
    assert value_of("(" * 50 + "yes" + ")" * 50) is True
    assert value_of("n == 5" + " " * 1994) is True


def test_path_into_a_reference_fetches_it_once_and_only_then() -> None:
    fetched: list[object] = []

    def resolve(value: object) -> object:
        if value == "reference":
            fetched.append(value)
            return {"inner": 7}
        return value

    view = StateView(state={"big": "reference", "small": 1}, resolve=resolve)
    assert view.get(parse_path("small")) == 1
    assert fetched == []
    assert view.get(parse_path("big.inner")) == 7
    assert fetched == ["reference"]


def test_missing_is_not_null() -> None:
    view = StateView(state=STATE)
    assert view.find(parse_path("nothing")) is None
    assert view.find(parse_path("absent")) is MISSING


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_with_a_syntax_error(text: str) -> None:
    with contextlib.suppress(ExpressionSyntaxError):
        parse_expression(text)


_FACTS = st.sampled_from(
    [("n == 5", True), ("n", True), ("missing", False), ("text != 'tea'", False), ("f < 2", True)]
)
_CLAIMS = st.recursive(
    _FACTS,
    lambda claims: st.one_of(
        claims.map(lambda claim: (f"not {claim[0]}", not claim[1])),
        claims.map(lambda claim: (f"({claim[0]})", claim[1])),
        st.tuples(claims, claims).map(
            lambda pair: (f"({pair[0][0]}) and ({pair[1][0]})", pair[0][1] and pair[1][1])
        ),
        st.tuples(claims, claims).map(
            lambda pair: (f"({pair[0][0]}) or ({pair[1][0]})", pair[0][1] or pair[1][1])
        ),
    ).map(lambda claim: (f"({claim[0]})", claim[1])),
    max_leaves=8,
)


@given(_CLAIMS)
def test_truth_follows_from_the_parts(claim: tuple[str, bool]) -> None:
    text, holds = claim
    assert bool(value_of(text)) is holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true or false and false", True),
        ("not false and false", False),
        ("not n == 6", True),
        ("false and true or true", True),
    ],
)
def test_operators_bind_as_in_python(text: str, expected: bool) -> None:
    assert value_of(text) is expected
