"""No expression holds a worker or takes its memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.language.query import jsonata_bounds, jsonata_regex
from pipeline.language.query.jsonata import ExpressionFailed
from tests.unit.language.jsonata_expressions import evaluate

STACK = "D1011: Stack overflow."
STEPS = "D1012: Evaluation stopped after 20000 steps. Check for infinite loop"
LENGTH = "D2015: The maximum sequence length of 1000000 was exceeded."
NEST = "($f := function($a, $n){ $n = 0 ? $a : $f({'x': $a, 'y': $a}, $n - 1) }; $f({}, 60))"


def failure(text: str) -> str:
    with pytest.raises(ExpressionFailed) as failed:
        evaluate(text)
    return failed.value.message


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($n){ $f($n + 1) }; $f(0))",
        "[1..1000].([1..1000])",
        "$map([1..100000], function($v){ $v + 1 })",
        "$reduce([1..100000], $append)",
        "[1..10000].($sum([1..1000]))",
        "[1..10000].(1 in $states.input.none or 5000 in [1..9999])",
    ],
)
def test_an_evaluation_ends_after_its_steps(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonata_bounds, "MAX_STEPS", 20_000)
    assert failure(text) == STEPS


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($n){ 1 + $f($n + 1) }; $f(0))",
        "($f := function($n){ $map([1], function($x){ $f($n + 1) }) }; $f(0))",
        "($f := function($n){ $sort([1, 2], function($x, $y){ $f($n + 1) }) }; $f(0))",
        "($f := function($n){ $replace('a', /a/, function($m){ $f($n + 1) }) }; $f(0))",
        "($f := function($n){ {'a': [($f($n + 1))]} }; $f(0))",
    ],
)
def test_endless_recursion_ends_in_a_thread_too(text: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(failure, text).result().startswith(STACK)


def test_recursion_may_go_some_way() -> None:
    text = "($f := function($n){ $n <= 1 ? 1 : $n + $f($n - 1) }; $f(150))"
    assert evaluate(text) == 150 * 151 / 2


def test_tail_recursion_may_go_far() -> None:
    text = "($f := function($n, $sum){ $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(5000, 0))"
    assert evaluate(text) == 5000 * 5001 / 2


def test_arrays_and_blocks_in_a_long_loop_do_not_count_as_nesting() -> None:
    assert evaluate("$count($map([1..3000], function($v){[($v; [$v, 1])]}))") == 3000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1..1000001]", "D2014"),
        ("$range(1, 1000000000, 1)", LENGTH),
        ("($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('x', 60))", LENGTH),
        ("($f := function($s, $n){ $n = 0 ? $s : $f([$s, $s], $n - 1) }; $f([1], 60))", LENGTH),
        ("$pad('', 100000000000)", LENGTH),
        ("$pad('', -100000000000)", LENGTH),
        ("$join([1..100].$string(), $pad('', 100000))", LENGTH),
        ("$replace($pad('', 2000, 'a'), 'a', $pad('', 2000))", LENGTH),
        ("$replace($pad('', 2000, 'a'), /a/, $pad('', 2000))", LENGTH),
    ],
)
def test_what_is_made_has_a_largest_length(text: str, message: str) -> None:
    assert failure(text).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "$string({})",
        "$distinct([{}, 1])",
        "$clone({})",
        "{} = {}",
        "$count({}.**)",
        "{} ~> |x.y|{{'z': 1}}|",
        "[{}, 1].*",
        "1 & {}",
        "($f := function($a, $n){ $n = 0 ? $a : $f([[$a], [$a]], $n - 1) }; $f([1], 60)).z",
    ],
)
def test_what_is_small_but_large_when_written_out_is_noticed(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonata_bounds, "MAX_VALUES", 10_000)
    message = failure(text.replace("{}", NEST).replace("{{", "{").replace("}}", "}"))
    assert message == "D2015: The maximum sequence length of 10000 was exceeded."


def test_a_pattern_that_backtracks_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonata_regex, "MATCH_SECONDS", 0.05)
    text = f"$contains('{'a' * 60}b', /^(a|a)*$/)"
    assert failure(text) == "Matching /^(a|a)*$/ took too long"


def test_a_match_that_is_empty_again_is_refused() -> None:
    assert failure("$match('abc', /x*/)") == "D1004: Regular expression matches zero length string"
