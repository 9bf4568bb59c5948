"""Exact sizes, and what is not JSON (Contract 3.2)."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import NotSerialisable
from tasks.smart_statebag.bag.json_value import Json, decode, encode, encode_canonical, same
from tasks.smart_statebag.bag.sizes import in_kb, payload_limit, size_of
from tests.unit.smart_statebag.bag.json_strategies import json_values


def test_korean_text_is_measured_in_utf8_bytes() -> None:
    assert size_of("한글") == len('"한글"'.encode()) == 8


def test_an_object_is_measured_without_spaces() -> None:
    assert size_of({"a": [1, None]}) == len('{"a":[1,null]}')


def test_a_lone_surrogate_is_measured_by_its_escape() -> None:
    assert encode("\ud800") == b'"\\ud800"'


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {1, 2}, b"x", object()])
def test_a_value_that_is_not_json_is_refused(value: Json) -> None:
    with pytest.raises(NotSerialisable):
        size_of({"deep": [value]})


def test_a_value_without_end_is_refused() -> None:
    endless: list[Json] = []
    endless.append(endless)

    with pytest.raises(NotSerialisable):
        size_of(endless)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", ""])
def test_a_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json words its errors differently by version
        decode(text)


@given(json_values())
def test_every_json_value_comes_back_from_its_bytes(value: Json) -> None:
    assert same(decode(encode(value)), value)


@given(json_values())
def test_the_size_is_that_of_the_compact_unescaped_text(value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    assert size_of(value) == len(text.encode())


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(value: dict[str, Json]) -> None:
    turned = dict(reversed(value.items()))

    assert encode_canonical(turned) == encode_canonical(value)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (True, 1, False),
        (False, 0, False),
        (1, 1.0, True),
        ([True], [1], False),
        ({"a": None}, {}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
        (None, False, False),
    ],
)
def test_json_equality(left: Json, right: Json, equal: bool) -> None:
    assert same(left, right) is equal


@pytest.mark.parametrize(("size", "kilobytes"), [(0, 0), (1, 1), (1024, 1), (1025, 2)])
def test_kilobytes_are_rounded_up(size: int, kilobytes: int) -> None:
    assert in_kb(size) == kilobytes


def test_the_payload_limit_is_200_kb_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAX_PAYLOAD_SIZE_KB", raising=False)

    assert payload_limit() == 204800


def test_the_environment_sets_the_payload_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_PAYLOAD_SIZE_KB", "100")

    assert payload_limit() == 102400


@pytest.mark.parametrize("requested", [None, 0, -1, "40", True])
def test_an_event_that_names_no_limit_leaves_the_default(
    requested: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAX_PAYLOAD_SIZE_KB", raising=False)

    assert payload_limit(requested) == 204800


def test_the_event_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_PAYLOAD_SIZE_KB", "100")

    assert payload_limit(50) == 51200


def test_no_setting_reaches_the_hard_limit() -> None:
    assert payload_limit(1000) < 262144
