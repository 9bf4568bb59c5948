"""Choice rules: every operator, their combinations, and what is refused."""

import random
from itertools import product

import pytest

from pipeline.language.choice_rules import parse_choice_rule
from pipeline.language.comparisons import OPERATORS
from pipeline.language.errors import ExecutionError, Problem
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json

PLACE = "/States/C/Choices/0"


def problems_of(rule: Json, *, top_level: bool = True) -> list[Problem]:
    problems: list[Problem] = []
    parsed = parse_choice_rule(rule, PLACE, problems, top_level=top_level)
    assert (parsed is None) == bool(problems)
    return problems


def matches(rule: dict[str, Json], document: Json) -> bool:
    problems: list[Problem] = []
    parsed = parse_choice_rule({**rule, "Next": "N"}, PLACE, problems)
    assert problems == []
    assert parsed is not None
    assert parsed.next == "N"
    sources = Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t")
    context: dict[str, Json] = {"State": {"Name": "C"}, "Execution": {"Name": "abc"}}
    return parsed.matches(Evaluation(input=document, context=context, sources=sources))


def compare(operator: str, value: Json, operand: Json) -> bool:
    """The operator on a literal; its Path form, where there is one, must agree."""
    answer = matches({"Variable": "$.v", operator: operand}, {"v": value})
    path_form = f"{operator}Path"
    if path_form in OPERATORS:
        rule: dict[str, Json] = {"Variable": "$.v", path_form: "$.w"}
        assert matches(rule, {"v": value, "w": operand}) == answer
    return answer


ORDERED: dict[str, tuple[Json, Json, Json]] = {
    "Numeric": (-1.5, 0, 7),
    "String": ("", "A", "a"),
    "Timestamp": ("2024-03-01T00:30:00+01:00", "2024-03-01T00:00:00Z", "2024-03-01T00:00:00.5Z"),
}


@pytest.mark.parametrize("family", ORDERED)
def test_ordered_values_compare_by_their_place_in_the_order(family: str) -> None:
    for (i, left), (j, right) in product(enumerate(ORDERED[family]), repeat=2):
        assert compare(f"{family}Equals", left, right) == (i == j)
        assert compare(f"{family}LessThan", left, right) == (i < j)
        assert compare(f"{family}GreaterThan", left, right) == (i > j)
        assert compare(f"{family}LessThanEquals", left, right) == (i <= j)
        assert compare(f"{family}GreaterThanEquals", left, right) == (i >= j)


def test_timestamps_compare_as_instants_to_the_nanosecond() -> None:
    assert compare("TimestampEquals", "2024-03-01T01:00:00+01:00", "2024-03-01T00:00:00Z")
    assert compare(
        "TimestampLessThan", "2024-03-01T00:00:00.000000001Z", "2024-03-01T00:00:00.000000002Z"
    )


def test_one_equals_one_point_nought() -> None:
    assert compare("NumericEquals", 1, 1.0)


def test_booleans_compare() -> None:
    assert compare("BooleanEquals", True, True)
    assert not compare("BooleanEquals", False, True)


@pytest.mark.parametrize(
    ("operator", "operand", "others"),
    [
        ("NumericEquals", 1, ["1", True, None, [1]]),
        ("NumericLessThan", 2, ["1", False, None]),
        ("StringEquals", "1", [1, None, ["1"]]),
        ("StringLessThan", "x", [1, None]),
        ("StringMatches", "*", [1, None, {}]),
        ("BooleanEquals", True, [1, "true", None]),
        ("TimestampLessThan", "2024-01-01T00:00:00Z", [0, None, "1999", "1999-01-01"]),
    ],
)
def test_a_value_of_another_type_does_not_match(
    operator: str, operand: Json, others: list[Json]
) -> None:
    assert not any(compare(operator, other, operand) for other in others)


def test_an_operand_of_another_type_at_a_path_does_not_match() -> None:
    rule: dict[str, Json] = {"Variable": "$.v", "NumericEqualsPath": "$.w"}
    assert not matches(rule, {"v": 1, "w": True})
    assert not matches(rule, {"v": 1, "w": "1"})


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("log-*.txt", "log-1.txt", True),
        ("log-*.txt", "log-.txt", True),
        ("log-*.txt", "log-1.txt.gz", False),
        ("*", "", True),
        ("*.*", "a.b", True),
        ("a*a", "a", False),
        ("*ab*ab*", "abab", True),
        ("*ab*ab*", "aab", False),
        ("a*b", "a\nb", True),
        ("a.c", "abc", False),
        (r"a\*c", "a*c", True),
        (r"a\*c", "abc", False),
        (r"a\\*", "a\\bc", True),
        (r"a\\\*", r"a\*", True),
        (r"a\\\*", r"a\b", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_string_matches_takes_wildcards_and_escapes(
    pattern: str, text: str, expected: bool
) -> None:
    assert compare("StringMatches", text, pattern) is expected


def test_string_matches_stays_linear_with_many_wildcards() -> None:
    assert not compare("StringMatches", "a" * 50_000, "*a" * 50 + "*b")


TIMESTAMP = "2024-01-01T00:00:00Z"
VALUES: list[Json] = [None, True, 0, 1.5, "x", TIMESTAMP, [], {}]


@pytest.mark.parametrize(
    ("operator", "positive"),
    [
        ("IsNull", [None]),
        ("IsBoolean", [True]),
        ("IsNumeric", [0, 1.5]),
        ("IsString", ["x", TIMESTAMP]),
        ("IsTimestamp", [TIMESTAMP]),
        ("IsPresent", VALUES),
    ],
)
def test_type_tests_pick_their_values_and_false_picks_the_others(
    operator: str, positive: list[Json]
) -> None:
    assert [value for value in VALUES if compare(operator, value, True)] == positive
    others = [value for value in VALUES if not compare(operator, value, True)]
    assert [value for value in VALUES if compare(operator, value, False)] == others


def test_is_present_answers_for_what_is_missing() -> None:
    assert not matches({"Variable": "$.a.b", "IsPresent": True}, {"a": 1})
    assert matches({"Variable": "$.a.b", "IsPresent": False}, {})


@pytest.mark.parametrize("operator", sorted(OPERATORS.keys() - {"IsPresent"}))
def test_a_missing_variable_fails_every_other_operator(operator: str) -> None:
    literals: dict[str, Json] = {"N": 1, "S": "x", "B": True, "I": True, "T": TIMESTAMP}
    operand = "$.w" if operator.endswith("Path") else literals[operator[0]]
    with pytest.raises(ExecutionError) as caught:
        matches({"Variable": "$.v", operator: operand}, {"w": 1})
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        "Invalid path '$.v': The choice state's condition path references an invalid value."
    )


def test_a_missing_operand_fails_likewise() -> None:
    with pytest.raises(ExecutionError, match=r"States\.Runtime: Invalid path '\$\.w'"):
        matches({"Variable": "$.v", "StringEqualsPath": "$.w"}, {"v": 1})


def test_variables_and_operands_may_come_from_the_context_object() -> None:
    assert matches({"Variable": "$$.State.Name", "StringEquals": "C"}, {})
    assert matches({"Variable": "$.n", "StringEqualsPath": "$$.Execution.Name"}, {"n": "abc"})


TRUE: Json = {"Variable": "$.t", "BooleanEquals": True}
FALSE: Json = {"Variable": "$.t", "BooleanEquals": False}
MISSING: Json = {"Variable": "$.missing", "IsNull": True}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"And": [TRUE, TRUE]}, True),
        ({"And": [TRUE, FALSE]}, False),
        ({"Or": [FALSE, TRUE]}, True),
        ({"Or": [FALSE, FALSE]}, False),
        ({"Not": FALSE}, True),
        ({"Not": TRUE}, False),
        ({"Not": {"And": [TRUE, {"Or": [FALSE, {"Not": TRUE}]}]}}, True),
        ({"And": [FALSE, MISSING]}, False),
        ({"Or": [TRUE, MISSING]}, True),
    ],
)
def test_rules_combine_and_stop_at_the_first_that_decides(
    rule: dict[str, Json], expected: bool
) -> None:
    assert matches(rule, {"t": True}) is expected


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ("rule", [""]),
        ({"Next": "N"}, [""]),
        ({"Next": "N", "Variable": "$.a"}, [""]),
        ({"Variable": "$.a", "IsNull": True}, [""]),
        ({"Next": 1, "Variable": "$.a", "IsNull": True}, ["/Next"]),
        ({"Next": "N", "IsNull": True}, [""]),
        ({"Next": "N", "Variable": 1, "IsNull": True}, ["/Variable"]),
        ({"Next": "N", "Variable": "a", "IsNull": True}, ["/Variable"]),
        ({"Next": "N", "Variable": "$1a", "IsNull": True}, ["/Variable"]),
        ({"Next": "N", "Variable": "$.a[*]", "IsNull": True}, ["/Variable"]),
        ({"Next": "N", "Variable": "$.", "IsNull": 1}, ["/Variable", "/IsNull"]),
        ({"Next": "N", "Variable": "$.a", "IsNull": True, "IsString": True}, [""]),
        ({"Next": "N", "Variable": "$.a", "StringEquals": 1}, ["/StringEquals"]),
        ({"Next": "N", "Variable": "$.a", "NumericEquals": True}, ["/NumericEquals"]),
        ({"Next": "N", "Variable": "$.a", "NumericLessThan": "1"}, ["/NumericLessThan"]),
        ({"Next": "N", "Variable": "$.a", "BooleanEquals": 1}, ["/BooleanEquals"]),
        ({"Next": "N", "Variable": "$.a", "TimestampEquals": "2024-01-01"}, ["/TimestampEquals"]),
        ({"Next": "N", "Variable": "$.a", "StringMatches": "\\n"}, ["/StringMatches"]),
        ({"Next": "N", "Variable": "$.a", "StringMatches": "a\\"}, ["/StringMatches"]),
        ({"Next": "N", "Variable": "$.a", "StringMatches": 1}, ["/StringMatches"]),
        ({"Next": "N", "Variable": "$.a", "StringEqualsPath": "a"}, ["/StringEqualsPath"]),
        ({"Next": "N", "Variable": "$.a", "StringEqualsPath": 1}, ["/StringEqualsPath"]),
        ({"Next": "N", "Variable": "$.a", "IsPresent": "true"}, ["/IsPresent"]),
        ({"Next": "N", "Variable": "$.a", "StringMatchesPath": "$.b"}, ["/StringMatchesPath", ""]),
        ({"Next": "N", "Variable": "$.a", "IsNull": True, "a/b": 1}, ["/a~1b"]),
        ({"Next": "N", "Variable": "$.a", "IsNull": True, "Comment": 1}, ["/Comment"]),
        ({"Next": "N", "And": []}, ["/And"]),
        ({"Next": "N", "Or": TRUE}, ["/Or"]),
        ({"Next": "N", "Not": [TRUE]}, ["/Not"]),
        ({"Next": "N", "Variable": "$.a", "Not": TRUE}, ["/Variable"]),
        ({"Next": "N", "And": [TRUE, {"Next": "M", **TRUE}]}, ["/And/1/Next"]),  # type: ignore[dict-item]
        (
            {"Next": "N", "And": [1, {"Not": {"Variable": "$.a", "StringEquals": None}}]},
            ["/And/0", "/And/1/Not/StringEquals"],
        ),
    ],
)
def test_a_rule_that_does_not_conform_is_refused_at_its_place(
    rule: Json, places: list[str]
) -> None:
    assert [problem.place for problem in problems_of(rule)] == [PLACE + place for place in places]


@pytest.mark.parametrize("field", ["Condition", "Output"])
def test_fields_of_jsonata_are_refused(field: str) -> None:
    [problem] = problems_of({"Next": "N", "Variable": "$.a", "IsNull": True, field: {}})
    assert problem.place == f"{PLACE}/{field}"


def test_only_a_rule_with_a_next_may_assign() -> None:
    rule: dict[str, Json] = {"Variable": "$.a", "IsNull": True, "Assign": {"a": 1}}
    assert problems_of({"Next": "N", **rule}) == []
    [problem] = problems_of({"Next": "N", "Not": rule})
    assert problem.place == f"{PLACE}/Not/Assign"


def test_a_rule_inside_another_needs_no_next_and_comments_are_allowed() -> None:
    rule: Json = {"Variable": "$.a", "IsNull": True, "Comment": "why"}
    assert problems_of(rule, top_level=False) == []


def test_every_operator_of_the_specification_is_there() -> None:
    ordered = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"]
    families = [f"{family}{name}" for family in ORDERED for name in ordered] + ["BooleanEquals"]
    single = ["IsBoolean", "IsNull", "IsNumeric", "IsPresent", "IsString", "IsTimestamp"]
    expected = [*families, *(f"{name}Path" for name in families), *single, "StringMatches"]
    assert sorted(OPERATORS) == sorted(expected)
