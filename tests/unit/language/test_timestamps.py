"""Timestamps: what is one, its seconds, and how a time is shown."""

import pytest

from pipeline.language.errors import InvalidExpression
from pipeline.language.timestamps import format_timestamp, parse_timestamp


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01t00:00:00Z",
        "2024-01-01T00:00:00z",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+0100",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00Z\n",
        "0000-01-01T00:00:00Z",
        "٢٠٢٤-01-01T00:00:00Z",
    ],
)
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:00.25Z", 0.25),
        ("1969-12-31T23:59:59.5Z", -0.5),
        ("1970-01-01T01:30:00-01:30", 10800.0),
        ("1970-01-01T01:30:00+01:30", 0.0),
        ("2019-03-26T20:14:13.192Z", 1553631253.192),
    ],
)
def test_a_timestamp_gives_its_seconds(text: str, seconds: float) -> None:
    assert parse_timestamp(text) == seconds


def test_a_time_is_shown_in_milliseconds_and_read_back() -> None:
    assert format_timestamp(1553631253.192) == "2019-03-26T20:14:13.192Z"
    assert format_timestamp(0) == "1970-01-01T00:00:00.000Z"
