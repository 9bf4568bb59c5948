"""The functions that Step Functions adds to JSONata."""

import hashlib

import pytest

from pipeline.language.json_value import Json
from pipeline.language.query.jsonata import UNDEFINED, ExpressionFailed
from tests.unit.language.jsonata_expressions import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$partition([1,2,3,4,5,6,7,8,9], 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("$partition([1,2,3], 3)", [[1, 2, 3]]),
        ("$partition([1,2,3], 5)", [[1, 2, 3]]),
        ("$partition([], 2)", []),
        ("$partition([[1],[2],[3]], 2)", [[[1], [2]], [[3]]]),
        ("$partition([1,2,3], 2.9)", [[1, 2], [3]]),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(1, 9, 3)", [1, 4, 7]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$range(1, 1, 1)", [1]),
        ("$range(1, 5, -1)", []),
        ("$range(0.9, 4.9, 2.5)", [0, 2, 4]),
        ("$range(-0.5, 0, 1)", [-1, 0]),
        ("$random(7.9) = $random(7)", True),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$parse('null')", None),
        ("$parse('[1]')", [1]),
        ("$uuid()", "uuid"),
    ],
)
def test_functions_of_step_functions(text: str, expected: Json) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        ("MD5", "md5"),
        ("SHA-1", "sha1"),
        ("SHA-256", "sha256"),
        ("SHA-384", "sha384"),
        ("SHA-512", "sha512"),
    ],
)
def test_hash_is_of_the_text_in_utf_8(algorithm: str, name: str) -> None:
    expected = hashlib.new(name, "é😀".encode()).hexdigest()
    assert evaluate(f"$hash('é😀', '{algorithm}')") == expected


def test_a_parsed_text_can_be_searched() -> None:
    assert evaluate("$parse($states.input).a[1].b", '{"a": [1, {"b": 2}]}') == 2
    assert evaluate("$type($parse($states.input).a)", '{"a": null}') == "null"


def test_random_is_below_one_and_differs_from_draw_to_draw() -> None:
    draws = evaluate("$map([1..50], function($i){ $random() })")
    assert isinstance(draws, list)
    assert all(isinstance(draw, float) and 0 <= draw < 1 for draw in draws)
    assert len(set(map(str, draws))) == 50


def test_random_with_a_seed_is_always_the_same() -> None:
    first = evaluate("$random(42)")
    assert evaluate("[$random(), $random(42)][1]") == first
    assert evaluate("$random(43)") != first
    assert isinstance(first, float)
    assert 0 <= first < 1


@pytest.mark.parametrize(
    "text",
    ["$partition($none, 1)", "$range($none, 1, 1)", "$hash($none, 'MD5')", "$parse($none)"],
)
def test_an_undefined_argument_gives_undefined(text: str) -> None:
    assert evaluate(text) is UNDEFINED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "$partition([1], 0)",
            "D3137: The second argument of the function $partition must be positive; got: 0",
        ),
        (
            "$partition([1], 0.5)",
            "D3137: The second argument of the function $partition must be positive; got: 0.5",
        ),
        (
            "$partition([1], 'a')",
            'T0410: Argument 2 of function "partition" does not match function signature',
        ),
        (
            "$range(0, 1, 0)",
            "D3137: The third argument of the function $range must not be zero; got: 0",
        ),
        (
            "$range(0, 1, 0.5)",
            "D3137: The third argument of the function $range must not be zero; got: 0.5",
        ),
        (
            "$hash('a', 'SHA-3')",
            "D3137: The second argument of the function $hash must be one of MD5, SHA-1, SHA-256,"
            ' SHA-384, SHA-512; got: "SHA-3"',
        ),
        (
            "$hash(1, 'MD5')",
            'T0410: Argument 1 of function "hash" does not match function signature',
        ),
        (
            "$parse('{')",
            'D3137: The first argument of the function $parse must be a JSON text; got: "{"',
        ),
        (
            "$random('a')",
            'T0410: Argument 1 of function "random" does not match function signature',
        ),
    ],
)
def test_arguments_that_do_not_fit_are_told(text: str, message: str) -> None:
    with pytest.raises(ExpressionFailed) as failed:
        evaluate(text)
    assert failed.value.message == message
