"""The eighteen intrinsic functions and the syntax of their calls."""

import random

import pytest

from pipeline.language.errors import ExecutionError, InvalidExpression, PathNotFound
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json
from pipeline.language.query.equality import equal
from pipeline.language.query.intrinsic_functions import FUNCTIONS, parse_intrinsic_call

LEFT: Json = {"a": {"x": 1}, "b": 1}
INPUT: Json = {
    "name": "Foo",
    "list": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "mixed": [1, True, 1.0, "1", None, [1], [1.0], {"a": 1, "b": 2}, {"b": 2, "a": 1.0}, 1, None],
    "json": '{"a": [1, 2.5, null]}',
    "template": "Hello {}, \\{{}\\}",
    "left": LEFT,
    "right": {"a": {"y": 2}, "c": 3},
    "long": "x" * 10_001,
    "surrogate": "\ud800",
    "comma, ) name": "odd",
}


def call(text: str) -> Json:
    sources = Sources(
        now=0, random=random.Random(7), uuid=lambda: "the-uuid", token=lambda: "the-token"
    )
    evaluation = Evaluation(input=INPUT, context={"Index": 4}, sources=sources)
    return parse_intrinsic_call(text).evaluate(evaluation)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("States.Format('Hello, my name is {}.', $.name)", "Hello, my name is Foo."),
        ("States.Format('{}{}', 'a', 'b')", "ab"),
        ("States.Format('{} {} {} {}', 1, 1.5, true, null)", "1 1.5 true null"),
        ("States.Format('{}', $.left)", "{a={x=1}, b=1}"),
        (r"States.Format('\{}\} \' \\ {}', 'x')", "{}} ' \\ x"),
        (r"States.Format('\\{}', 'x')", "\\x"),
        ("States.Format('{}', '{}')", "{}"),
        ("States.Format($.template, 'a', 'b')", "Hello a, {b}"),
        ("States.Format('{ }{')", "{ }{"),
        ("States.StringToJson($.json)", {"a": [1, 2.5, None]}),
        ("States.StringToJson('\"x\"')", "x"),
        ("States.JsonToString($.left)", '{"a":{"x":1},"b":1}'),
        ("States.JsonToString('é')", '"é"'),
        ("States.Array()", []),
        ("States.Array('Foo', 2, $.left, null, false)", ["Foo", 2, LEFT, None, False]),
        ("States.ArrayPartition($.list, 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("States.ArrayPartition($.list, 4.5)", [[1, 2, 3, 4, 5], [6, 7, 8, 9]]),
        ("States.ArrayPartition(States.Array(), 4)", []),
        ("States.ArrayContains($.list, 5)", True),
        ("States.ArrayContains($.list, 5.0)", True),
        ("States.ArrayContains($.list, '5')", False),
        ("States.ArrayContains($.list, true)", False),
        ("States.ArrayContains(States.Array($.left), $.left)", True),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(1, 8, 2)", [1, 3, 5, 7]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayRange(3, 1, 1)", []),
        ("States.ArrayRange(0.5, 2.4, 1)", [1, 2]),
        ("States.ArrayGetItem($.list, 5)", 6),
        ("States.ArrayGetItem($.list, $$.Index)", 5),
        ("States.ArrayLength($.list)", 9),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGVjb2RlZCBkYXRh')", "Decoded data"),
        ("States.Base64Decode(States.Base64Encode('é中'))", "é中"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.Hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        (
            "States.Hash('', 'SHA-256')",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        ("States.JsonMerge($.left, $.right, false)", {"a": {"y": 2}, "b": 1, "c": 3}),
        ("States.MathAdd(111, -1)", 110),
        ("States.MathAdd(1.5, -1.5)", 1),
        ("States.MathAdd(2147483647, 1)", 2147483648),
        ("States.StringSplit('1,2,3', ',')", ["1", "2", "3"]),
        (
            "States.StringSplit('This.is+a,test=string', '.+,=')",
            ["This", "is", "a", "test", "string"],
        ),
        ("States.StringSplit(',a,,b,', ',')", ["a", "b"]),
        ("States.StringSplit('a-b^c]d', '^]-')", ["a", "b", "c", "d"]),
        ("States.StringSplit('abc', '')", ["abc"]),
        ("States.UUID()", "the-uuid"),
        ("States.Format($['comma, ) name'])", "odd"),
        (" States.Array( 1 ,\n-2e1 , 'a''b' ) ".replace("''", r"\'"), [1, -20.0, "a'b"]),
        (r"States.Array('\{\}')", ["{}"]),
        ("States.ArrayLength($.list[?(@ > 3)])", 6),
        ("States.ArrayGetItem($.list[0,1], 1)", 2),
    ],
)
def test_a_call_gives_what_the_specification_says(text: str, result: Json) -> None:
    found = call(text)
    assert equal(found, result), found


def test_unique_keeps_the_first_of_equal_values_and_tells_true_from_one() -> None:
    result = call("States.ArrayUnique($.mixed)")
    assert equal(result, [1, True, "1", None, [1], {"a": 1, "b": 2}])


@pytest.mark.parametrize(("algorithm", "digits"), [("SHA-384", 96), ("SHA-512", 128)])
def test_the_long_hashes_have_their_length(algorithm: str, digits: int) -> None:
    assert len(str(call(f"States.Hash($.left, '{algorithm}')"))) == digits


def test_hashing_a_value_hashes_its_json_text() -> None:
    by_text = call("States.Hash(States.JsonToString($.left), 'MD5')")
    assert call("States.Hash($.left, 'MD5')") == by_text


def test_a_seed_repeats_the_random_number_and_the_end_is_excluded() -> None:
    numbers = {call(f"States.MathRandom(1, 4, {seed})") for seed in range(60)}
    assert numbers == {1, 2, 3}
    assert call("States.MathRandom(1, 999999, 3)") == call("States.MathRandom(1, 999999, 3)")


def test_without_a_seed_the_given_source_is_drawn_from() -> None:
    assert call("States.MathRandom(0, 1000)") == random.Random(7).randrange(0, 1000)


def test_a_range_may_hold_a_thousand_items_and_no_more() -> None:
    assert len(list(call("States.ArrayRange(1, 1000, 1)") or [])) == 1000  # type: ignore[arg-type]
    with pytest.raises(ExecutionError, match="1000 items"):
        call("States.ArrayRange(0, 1000, 1)")


@pytest.mark.parametrize(
    "text",
    [
        "States.Format('{}')",
        "States.Format('{}', 1, 2)",
        "States.Format($.left)",
        "States.StringToJson('{')",
        "States.StringToJson('NaN')",
        "States.StringToJson(1)",
        "States.ArrayPartition($.list, 0)",
        "States.ArrayPartition($.list, -1)",
        "States.ArrayPartition($.list, '1')",
        "States.ArrayPartition('x', 1)",
        "States.ArrayContains(1, 1)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayRange(1, 2, true)",
        "States.ArrayRange(0, 99999999999999999999999, 1)",
        "States.ArrayGetItem($.list, 9)",
        "States.ArrayGetItem($.list, -1)",
        "States.ArrayGetItem($.list, 0.5)",
        "States.ArrayLength($.name)",
        "States.ArrayUnique($.left)",
        "States.Base64Encode($.long)",
        "States.Base64Encode($.surrogate)",
        "States.Base64Decode('*')",
        "States.Base64Decode('/w==')",
        "States.Hash($.long, 'MD5')",
        "States.Hash('x', 'CRC')",
        "States.Hash('x', null)",
        "States.JsonMerge($.left, $.right, true)",
        "States.JsonMerge($.left, $.list, false)",
        "States.MathRandom(2, 2)",
        "States.MathRandom(0, 2147483648)",
        "States.MathAdd(1, null)",
        "States.MathAdd(2147483648, 0)",
        "States.StringSplit(1, ',')",
    ],
)
def test_arguments_a_function_cannot_work_with_are_an_intrinsic_failure(text: str) -> None:
    with pytest.raises(ExecutionError) as caught:
        call(text)
    assert caught.value.error == "States.IntrinsicFailure"
    assert caught.value.cause.startswith(f"The function '{text}' had the following error: ")


def test_the_cause_names_the_innermost_call_that_failed() -> None:
    with pytest.raises(ExecutionError, match=r"The function 'States\.ArrayLength\(1\)' had"):
        call("States.Array(States.ArrayLength(1), 2)")


def test_a_json_text_nested_beyond_the_parser_is_an_intrinsic_failure() -> None:
    with pytest.raises(ExecutionError, match=r"States\.IntrinsicFailure"):
        call(f"States.StringToJson('{'[' * 100_000}')")


def test_a_missing_path_is_left_to_the_caller_to_name() -> None:
    with pytest.raises(PathNotFound, match=r"\$\.nothing"):
        call("States.Array($.nothing)")


def test_calls_nest_ten_deep_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return "States.Array(" * depth + ")" * depth

    assert str(call(nested(10))) == "[" * 10 + "]" * 10
    with pytest.raises(InvalidExpression, match="at most 10 deep"):
        parse_intrinsic_call(nested(11))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "States.UUID",
        "States.UUID(",
        "States.UUID() x",
        "States.Nope()",
        "states.uuid()",
        "States.Array(1,)",
        "States.Array(,1)",
        "States.Array(1 2)",
        "States.Array('a)",
        'States.Array("a")',
        "States.Array(01)",
        "States.Array(1e999)",
        "States.Array(nulls)",
        r"States.Array('\n')",
        "States.Array($.a[)",
        "States.Array($.a",
        "States.Array($1name)",
        "States.Array(@.a)",
    ],
)
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_intrinsic_call(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("States.UUID(1)", "takes 0 arguments, not 1"),
        ("States.MathAdd(1)", "takes 2 arguments, not 1"),
        ("States.MathRandom(1)", "takes 2 to 3 arguments, not 1"),
        ("States.Format()", "takes at least 1 arguments, not 0"),
    ],
)
def test_a_wrong_number_of_arguments_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(InvalidExpression, match=wanted):
        parse_intrinsic_call(text)


def test_there_are_eighteen_functions() -> None:
    assert len(FUNCTIONS) == 18
