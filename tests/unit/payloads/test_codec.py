"""The codec's formats, and what it refuses."""

import datetime
import math
import random
import string

import pytest

from pipeline.language.json_value import Json
from pipeline.payloads.codec import decode, encode

HIGH, LOW = chr(0xD800), chr(0xDC00)
"""The two halves of a surrogate pair: each alone is text in Python, but not in UTF-8."""


def nested(levels: int) -> Json:
    value: Json = None
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        2**64 - 1,
        2**64,
        2**70,
        -(2**63) - 1,
        1e308,
        1e16,
        -0.0,
        1.0,
        HIGH,
        LOW + HIGH,
        HIGH + LOW,
        "😀",
        {LOW: [None, 2**70]},
        nested(254),
        nested(255),
        nested(600),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_value_at_an_edge_of_json_survives(value: Json) -> None:
    assert repr(decode(encode(value))) == repr(value)


def test_the_first_byte_names_the_format() -> None:
    assert encode({"a": 1}) == b'j{"a":1}'
    assert encode(2**70) == b"w1180591620717411303424"
    assert encode("a" * 2000)[:1] == b"J"
    assert encode([2**70, "a" * 2000])[:1] == b"W"


def test_short_text_is_not_compressed() -> None:
    assert encode("a" * 1000) == b'j"' + b"a" * 1000 + b'"'


def test_long_text_is_compressed_when_that_pays() -> None:
    assert len(encode("a" * 100_000)) < 1000
    # Text of 94 random characters shrinks, but only by a sixth.
    poor = "".join(random.Random(1).choices(string.ascii_letters + string.punctuation, k=5000))
    assert encode(poor)[:1] == b"j"
    assert decode(encode(poor)) == poor


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("around", [[], [None], [2**70], [HIGH, None]])
def test_a_number_that_json_does_not_know_is_refused(number: float, around: list[Json]) -> None:
    values: list[Json] = [number, [*around, number], {"a": [*around, {"b": number}]}]
    for value in values:
        with pytest.raises(ValueError, match="Not a JSON value: Out of range float"):
            encode(value)


@pytest.mark.parametrize(
    "value",
    [{1: "a"}, {None: "a"}, {1, 2}, b"bytes", datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)],
    ids=repr,
)
def test_what_is_no_json_value_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="Not a JSON value"):
        encode(value)  # type: ignore[arg-type]


def test_a_value_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match="Not a JSON value: maximum recursion depth"):
        encode(nested(100_000))


@pytest.mark.parametrize("data", [b"", b"x1", b"j", b"j{", b"w{", b"Jnot compressed", b"w\xff"])
def test_bytes_of_another_writer_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the text is the JSON parser's own)
        decode(data)
