"""JSONata expressions: the language, what they see and what they fail with."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pipeline.language.errors import InvalidExpression
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.query.jsonata import (
    UNDEFINED,
    ExpressionFailed,
    is_jsonata,
    parse_jsonata,
    unwrap,
)
from tests.unit.language.jsonata_expressions import NOW, evaluate, evaluation

REFERENCE = json.loads(Path(__file__).with_name("jsonata_reference.json").read_text("utf-8"))


def failure(text: str, document: Json = None) -> str:
    with pytest.raises(ExpressionFailed) as failed:
        evaluate(text, document)
    return failed.value.message


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["expression"])
def test_an_expression_gives_what_the_reference_implementation_gives(case: JsonObject) -> None:
    text = f"$states.input.({case['expression']})"
    if "error" in case:
        assert failure(text, REFERENCE["input"]) == case["error"]
        return
    result = evaluate(text, REFERENCE["input"])
    expected = UNDEFINED if "undefined" in case else case["result"]
    assert result is expected or json.dumps(result) == json.dumps(expected)


def test_an_expression_sees_the_fields_of_states() -> None:
    text = '$states.input.a & ":" & $states.context.State.Name'
    assert evaluate(text, {"a": 1}) == "1:S"


def test_an_expression_sees_variables_by_their_names() -> None:
    assert evaluate("$order.id + $count", order={"id": 40}, count=2) == 42


def test_a_variable_hides_a_function_of_its_name() -> None:
    assert evaluate("$sum + 1", sum=1) == 2


def test_a_variable_can_be_bound_anew_from_its_own_value() -> None:
    assert evaluate("($x := $x + 1; $x)", x=1) == 2


def test_there_is_no_context_item_at_the_top() -> None:
    assert evaluate("$", {"a": 1}) is UNDEFINED


@pytest.mark.parametrize(
    "text",
    ["a", "a.b", "$$", "$$.a", "[1, a]", "a & 'x'", "$sum(a)", "true ? a : 1", "($x := a; $x)"],
)
def test_a_field_of_no_input_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression, match="refers to nothing"):
        parse_jsonata(text)


@pytest.mark.parametrize(
    "text",
    ["$states.input.a", "$states.input[a = 1]", "{'a': 1}.a", "$map([1], function($v){ $v })"],
)
def test_a_field_of_a_value_is_taken(text: str) -> None:
    parse_jsonata(text)


@pytest.mark.parametrize(
    "text",
    [
        "$states.input",
        "$states",
        "$states.*",
        "$states.input.items[0].(%.name)",
        "$states.**.name",
        "($s := $states; $s.input.name)",
        "$states[input.name='n'].input.items",
        "$states.input@$i.$i.name",
        "$states.input{name: items}",
        "$lookup($states.input, 'name')",
    ],
)
def test_an_expression_reaches_all_that_it_can_name(text: str) -> None:
    document: Json = {"name": "n", "items": [{"a": 1}]}
    assert evaluate(text, document) is not UNDEFINED


def test_null_is_a_value_and_not_undefined() -> None:
    document: Json = {"a": None, "b": [None, 1]}
    assert evaluate("$states.input.a", document) is None
    assert evaluate("$states.input.b[0]", document) is None
    assert evaluate("$states.input.missing", document) is UNDEFINED
    assert evaluate("[$states.input.a, $states.input.missing]", document) == [None]
    assert evaluate("$exists($states.input.a)", document) is True


def test_an_array_that_is_the_input_stays_an_array() -> None:
    assert evaluate("$states.input", [1]) == [1]
    assert evaluate("$states.input", []) == []
    assert evaluate("$states.input[0]", [[1]]) == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1 + 1", "2"), ("5 / 2", "2.5"), ("2.0", "2"), ("6 / 2", "3"), ("0 * -1", "0")],
)
def test_integral_numbers_are_integers(text: str, expected: str) -> None:
    assert json.dumps(evaluate(text)) == expected


def test_an_integral_float_of_the_input_is_an_integer() -> None:
    assert json.dumps(evaluate("$states.input", [1.0, 1.5, 1e21])) == "[1, 1.5, 1e+21]"


def test_an_integer_beyond_double_precision_passes_unchanged() -> None:
    assert evaluate("$states.input.a", {"a": 12345678901234567890123}) == 12345678901234567890123


@pytest.mark.parametrize("text", ["$sum", "function($x){$x}", "[$sum]", "{'f': λ($x){$x}}", "/a/"])
def test_a_function_is_no_result(text: str) -> None:
    assert failure(text if text != "/a/" else "($r := /a/; $r)") == (
        "The result is or contains a function"
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [("[1 / 0]", "Infinity"), ("{'a': -1 / 0}", "-Infinity"), ("0 / 0", "NaN")],
)
def test_a_number_that_json_cannot_say_is_no_result(text: str, number: str) -> None:
    assert failure(text) == f"D1001: Number out of range: {number}"


@pytest.mark.parametrize("text", ["1 / 0", "-1 / 0"])
def test_an_infinite_number_as_the_whole_result_is_null(text: str) -> None:
    assert evaluate(text, {}) is None


def test_eval_fails_when_it_is_called() -> None:
    assert "eval" in failure('$eval("1 + 1")') or failure('$eval("1 + 1")')


def test_null_is_no_argument_of_a_type() -> None:
    assert failure("$uppercase(null)") == (
        'T0410: Argument 1 of function "uppercase" does not match function signature'
    )


def test_a_function_checks_its_arguments_also_when_another_calls_it() -> None:
    assert failure("$map([1], $uppercase)") == (
        'T0410: Argument 1 of function "uppercase" does not match function signature'
    )


def test_a_large_value_is_cut_short_in_a_message() -> None:
    message = failure("{$states.input: 1}", ["x" * 5000])
    assert message.startswith('T1003: Key in object structure must evaluate to a string; got: ["xx')
    assert len(message) < 1100


def test_a_function_that_is_bound_to_another_name_keeps_its_own_for_others() -> None:
    assert evaluate("($shout := $uppercase; $shout('a'))") == "A"
    assert '"uppercase"' in failure("$uppercase(1)")


def test_a_parameter_without_an_argument_is_undefined() -> None:
    assert evaluate("($y := 5; $f := function($x, $y){ $y }; $f(1))") is UNDEFINED


def test_what_the_library_does_not_foresee_fails_without_its_words() -> None:
    assert failure('$parseInteger("twelf", "w")') == (
        "The function $parseInteger cannot be applied to its arguments"
    )


def test_the_input_stays_as_it_was() -> None:
    document: Json = {"a": [], "b": [{"c": 1}, None], "d": {"e": 1}}
    before = copy.deepcopy(document)
    evaluate("$states.input.a{'x': 1}", document)
    evaluate("$states.input ~> |d|{'e': 2, 'f': 3}, 'e'|", document)
    evaluate("[$states.input.b, 4]{'x': $}", document)
    assert document == before


def test_a_result_shares_nothing_with_the_input() -> None:
    document: Json = {"a": [{"b": 1}]}
    result = evaluate("$states.input.a", document)
    assert isinstance(result, list)
    result.append(2)
    assert document == {"a": [{"b": 1}]}


def test_the_time_is_that_of_the_evaluation() -> None:
    assert evaluate("$millis()") == int(NOW * 1000)
    assert evaluate("$now()") == "2023-11-14T22:13:20.250Z"
    assert evaluate('$now("[Y]/[M]/[D] [H01]", "+0300")') == "2023/11/15 01"
    assert evaluate('$fromMillis($toMillis("07:30", "[H01]:[m01]"))') == "2023-11-14T07:30:00.000Z"
    assert evaluate('$fromMillis($toMillis("24", "[D]"))') == "2023-11-24T00:00:00.000Z"


def test_shuffle_draws_from_the_given_source() -> None:
    items = list(range(20))
    shuffled = evaluate("$shuffle($states.input)", items)
    assert shuffled == evaluate("$shuffle($states.input)", items)
    assert isinstance(shuffled, list)
    assert shuffled != items
    assert sorted(shuffled) == items


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1 +", "S0207: Unexpected end of expression"),
        ("(1", 'S0203: Expected ")" before end of expression'),
        ("[1, 2}", "S0202"),
        ('"open', "S0101: String literal must be terminated by a matching quote"),
        (r'"\q"', 'S0103: Unsupported escape sequence: \\"q"'),
        ("a b", 'S0201: Syntax error: "b" (at character 3)'),
        ("5 := 3", "S0212"),
        ("", "S0207"),
        ("/* no end", "S0207"),
        ("$x ~)", "Syntax error"),
        ("$f(/(/)", "S0302"),
        ("$f(/(?<=a+)b)/)", "S0302"),
        ("$match('a', /[z-a]/)", "Invalid regular expression: /[z-a]/"),
        ("(" * 9_000 + ")" * 9_000, "The expression nests too deeply"),
        ("1" * 100_001, "The expression is longer than 100000 characters"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidExpression) as refusal:
        parse_jsonata(text)
    assert str(refusal.value).startswith(complaint)


def test_an_expression_may_have_an_eval_of_its_own() -> None:
    assert evaluate("($eval := function($x){ $x + 1 }; $eval(1))") == 2


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("{% 1 %}", True),
        ("{%1%}", True),
        ("{%%}", True),
        ("{%}", False),
        (" {% 1 %}", False),
        ("{% 1 %} ", False),
        ("x {% 1 %}", False),
        ("", False),
    ],
)
def test_only_a_string_that_is_wholly_wrapped_is_an_expression(text: str, wrapped: bool) -> None:
    assert is_jsonata(text) is wrapped


def test_the_text_of_an_expression_is_without_its_wrapping() -> None:
    assert unwrap("{% $states.input %}") == "$states.input"


def test_an_expression_tells_what_it_refers_to() -> None:
    found = parse_jsonata(
        "($own := $given + $states.input.a.b[0].c; $map([1], function($v){$own + $v}))"
    ).references
    assert (found.read, found.called) == ({"given", "states"}, {"map"})
    assert found.states == {("input", "a", "b")}
    assert not found.reads("result")
    assert parse_jsonata("$states.result.x").references.reads("result")
    assert not parse_jsonata("$keys($states)").references.reads("result")


def test_threads_evaluate_at_the_same_time_without_touching_each_other() -> None:
    text = """(
        $fib := function($n){ $n < 2 ? $n : $fib($n - 1) + $fib($n - 2) };
        $half := $power(?, 0.5);
        {"n": $n, "fib": $fib($n), "keys": $keys($states.input),
         "root": $half($n * $n),
         "sorted": $sort($states.input.items, function($l, $r){ $l.k > $r.k }).k,
         "text": $replace($string($n), /(\\d)/, function($m){ "<" & $m.groups[0] & ">" })}
    )"""
    threads = 8
    barrier = Barrier(threads)
    fibonacci = [0, 1, 1, 2, 3, 5, 8, 13, 21]

    def work(number: int) -> None:
        barrier.wait()
        for _ in range(10):
            items: Json = [{"k": (number * 7 + i * 3) % 5} for i in range(5)]
            result = evaluate(text, {f"only{number}": 0, "items": items}, n=number)
            assert result == {
                "n": number,
                "fib": fibonacci[number],
                "keys": [f"only{number}", "items"],
                "root": number,
                "sorted": [0, 1, 2, 3, 4],
                "text": f"<{number}>",
            }

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, number) for number in range(1, threads + 1)]:
            done.result()


def test_an_evaluation_leaves_nothing_for_the_next() -> None:
    expression = parse_jsonata("($kept := $exists($kept); $kept)")
    assert expression.evaluate(evaluation()) is False
    assert expression.evaluate(evaluation()) is False
