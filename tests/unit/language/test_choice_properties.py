"""Choice rules, string patterns and timestamps against small independent oracles."""

import random
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.choice_rules import parse_choice_rule
from pipeline.language.errors import InvalidExpression
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json
from pipeline.language.string_patterns import parse_string_pattern
from pipeline.language.timestamps import format_timestamp, parse_nanoseconds, parse_timestamp


def evaluation(document: Json) -> Evaluation:
    sources = Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t")
    return Evaluation(input=document, context={}, sources=sources)


@given(st.text("ab*\\", max_size=6), st.text("ab*\\", max_size=6))
def test_string_patterns_match_as_a_regular_expression_does(pattern: str, text: str) -> None:
    if not re.fullmatch(r"(?:[^\\]|\\[\\*])*", pattern):
        with pytest.raises(InvalidExpression):
            parse_string_pattern(pattern)
        return
    parts = re.findall(r"\\.|.", pattern)
    regex = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    assert parse_string_pattern(pattern).matches(text) is bool(re.fullmatch(regex, text))


RULES: st.SearchStrategy[Json] = st.recursive(
    st.builds(
        lambda name, value: {"Variable": f"$.{name}", "NumericLessThan": value},
        st.sampled_from("xyz"),
        st.integers(-2, 2),
    ),
    lambda rules: (
        st.builds(lambda rule: {"Not": rule}, rules)
        | st.builds(
            lambda name, parts: {name: parts},
            st.sampled_from(["And", "Or"]),
            st.lists(rules, min_size=1, max_size=3),
        )
    ),
    max_leaves=8,
)


@given(RULES, st.fixed_dictionaries(dict.fromkeys("xyz", st.integers(-3, 3))))
def test_combined_rules_follow_boolean_logic(rule: dict[str, Json], document: Json) -> None:
    def truth(fields: Json) -> bool:
        match fields:
            case {"And": [*rules]}:
                return all(truth(rule) for rule in rules)
            case {"Or": [*rules]}:
                return any(truth(rule) for rule in rules)
            case {"Not": rule}:
                return not truth(rule)
            case {"Variable": str(path), "NumericLessThan": int(limit)}:
                value = document[path[2:]] if isinstance(document, dict) else None
                return isinstance(value, int) and value < limit
        raise AssertionError(fields)

    parsed = parse_choice_rule({**rule, "Next": "N"}, "", [])
    assert parsed is not None
    assert parsed.matches(evaluation(document)) is truth(rule)


OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - given a zone by the strategy


@given(MOMENTS, MOMENTS)
def test_timestamps_order_as_the_moments_do(left: datetime, right: datetime) -> None:
    texts = [moment.isoformat() for moment in (left, right)]
    nanoseconds = [parse_nanoseconds(text) for text in texts]
    assert (nanoseconds[0] < nanoseconds[1]) == (left < right)
    assert (nanoseconds[0] == nanoseconds[1]) == (left == right)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001 - made UTC below
def test_a_shown_time_reads_back_to_the_millisecond(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    assert parse_timestamp(format_timestamp(whole.timestamp())) == whole.timestamp()
