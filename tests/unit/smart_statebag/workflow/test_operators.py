"""Every strategy of the closed set (Contract 6.5)."""

import pytest

from tasks.smart_statebag.workflow.expressions import ExpressionTypeError
from tasks.smart_statebag.workflow.operators import STRATEGIES, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.state_view import StateView

CONTRACT_SET = """
deep_get deep_set pick omit merge_objects json_parse json_stringify
list_filter list_map list_sort list_unique list_slice list_join list_length list_sum list_group_by
list_flatten list_first list_last list_append
string_upper string_lower string_trim string_split string_replace string_concat string_template
string_length string_truncate regex_match regex_extract regex_replace
to_int to_float to_string to_bool if_else switch_case default_value assert
base64_encode base64_decode url_encode url_decode hash uuid
math_add math_subtract math_multiply math_divide math_round math_min math_max math_abs
timestamp date_format echo log
"""


def apply(name, value, /, seed="seed", **params):
    view = StateView(state={"limit": 2})
    call = StrategyCall(value=value, params=params, view=view, seed=seed, now=1_700_000_000.5)
    return STRATEGIES[name](call)


def test_the_set_is_that_of_the_contract() -> None:
    assert set(STRATEGIES) == set(CONTRACT_SET.split())


PEOPLE = [{"n": "b", "age": 3}, {"n": "a", "age": 3}, {"n": "c", "age": 1}]


@pytest.mark.parametrize(
    ("name", "value", "params", "expected"),
    [
        ("deep_get", {"a": [{"b": 1}]}, {"path": "a[0].b"}, 1),
        ("deep_get", {"a": 1}, {"path": "a.b", "default": 7}, 7),
        ("deep_set", {"a": {"b": 1}}, {"path": "a.c.d", "value": 2},
         {"a": {"b": 1, "c": {"d": 2}}}),
        ("deep_set", {"a": [1, 2]}, {"path": "a[1]", "value": 9}, {"a": [1, 9]}),
        ("deep_set", None, {"path": "a", "value": 9}, {"a": 9}),
        ("pick", {"a": 1, "b": 2}, {"keys": ["b", "z"]}, {"b": 2}),
        ("omit", {"a": 1, "b": 2}, {"keys": ["b", "z"]}, {"a": 1}),
        ("merge_objects", [{"a": 1}, {"a": 2, "b": 3}], {}, {"a": 2, "b": 3}),
        ("merge_objects", {"a": 1}, {"with": {"b": 2}}, {"a": 1, "b": 2}),
        ("json_parse", '{"a":[1.5,null]}', {}, {"a": [1.5, None]}),
        ("json_stringify", {"a": "ü"}, {}, '{"a":"ü"}'),
        ("list_filter", [1, 2, 3], {"condition": "item >= limit and index < 2"}, [2]),
        ("list_map", PEOPLE, {"path": "n"}, ["b", "a", "c"]),
        ("list_map", [1, 2], {"template": {"v": "{{ item }}", "t": "#{{ index }}"}},
         [{"v": 1, "t": "#0"}, {"v": 2, "t": "#1"}]),
        ("list_sort", [3, 1.5, 2], {}, [1.5, 2, 3]),
        ("list_sort", PEOPLE, {"path": "n"}, [PEOPLE[1], PEOPLE[0], PEOPLE[2]]),
        ("list_sort", PEOPLE, {"path": "age", "descending": True}, PEOPLE),
        ("list_unique", [1, {"a": 1, "b": 2}, 1, {"b": 2, "a": 1}, True], {},
         [1, {"a": 1, "b": 2}, True]),
        ("list_slice", [1, 2, 3, 4], {"start": 1, "end": -1}, [2, 3]),
        ("list_join", ["a", 1, None], {"separator": "-"}, "a-1-"),
        ("list_length", None, {}, 0),
        ("list_sum", [1, 2.5], {}, 3.5),
        ("list_sum", PEOPLE, {"path": "age"}, 7),
        ("list_group_by", PEOPLE, {"path": "age"}, {"3": PEOPLE[:2], "1": PEOPLE[2:]}),
        ("list_flatten", [1, [2, [3]]], {}, [1, 2, [3]]),
        ("list_flatten", [1, [2, [3]]], {"depth": 2}, [1, 2, 3]),
        ("list_first", [], {"default": 0}, 0),
        ("list_first", [5, 6], {}, 5),
        ("list_last", [5, 6], {}, 6),
        ("list_append", None, {"item": 1}, [1]),
        ("list_append", [1], {"items": [2, 3]}, [1, 2, 3]),
        ("list_append", [1], {"item": None}, [1, None]),
        ("string_upper", "straße", {}, "STRASSE"),
        ("string_lower", "TEA", {}, "tea"),
        ("string_trim", " a ", {}, "a"),
        ("string_split", "a, b", {"separator": ", "}, ["a", "b"]),
        ("string_split", "a  b", {}, ["a", "b"]),
        ("string_replace", "aba", {"old": "a", "new": "x"}, "xbx"),
        ("string_concat", "a", {"parts": ["b", 1], "separator": "/"}, "a/b/1"),
        ("string_concat", ["a", "b"], {}, "ab"),
        ("string_template", None, {"template": "done"}, "done"),
        ("string_length", "차", {}, 1),
        ("string_truncate", "abcdef", {"length": 4, "suffix": ".."}, "ab.."),
        ("string_truncate", "abc", {"length": 4}, "abc"),
        ("regex_match", "tea 42", {"pattern": r"\d+"}, True),
        ("regex_match", "tea", {"pattern": r"\d"}, False),
        ("regex_extract", "a1 b2", {"pattern": r"([a-z])(\d)", "group": 2}, "1"),
        ("regex_extract", "a1 b2", {"pattern": r"\d", "all": True}, ["1", "2"]),
        ("regex_extract", "a", {"pattern": r"\d"}, None),
        ("regex_replace", "a1", {"pattern": r"(\w)\d", "replacement": r"\1!"}, "a!"),
        ("to_int", "42", {}, 42),
        ("to_int", 2.9, {}, 2),
        ("to_float", "1.5", {}, 1.5),
        ("to_string", [1], {}, "[1]"),
        ("to_bool", "Yes", {}, True),
        ("to_bool", "off", {}, False),
        ("to_bool", [], {}, False),
        ("if_else", 5, {"condition": "value > limit", "then": "a", "else": "b"}, "a"),
        ("if_else", 0, {"then": "a", "else": "b"}, "b"),
        ("switch_case", 2, {"cases": {"2": "two"}, "default": "?"}, "two"),
        ("switch_case", "x", {"cases": {}, "default": "?"}, "?"),
        ("default_value", None, {"default": 1}, 1),
        ("default_value", 0, {"default": 1}, 0),
        ("assert", 3, {"condition": "value == 3"}, 3),
        ("base64_encode", "차", {}, "7LCo"),
        ("base64_decode", "7LCo", {}, "차"),
        ("url_encode", "a b/ü", {}, "a%20b%2F%C3%BC"),
        ("url_decode", "a%20b", {}, "a b"),
        ("hash", "abc", {"algorithm": "md5"}, "900150983cd24fb0d6963f7d28e17f72"),
        ("math_add", 1, {"operand": 2}, 3),
        ("math_subtract", 1, {"operand": 2}, -1),
        ("math_multiply", 3, {"operand": 2}, 6),
        ("math_divide", 3, {"operand": 2}, 1.5),
        ("math_round", 2.567, {"digits": 2}, 2.57),
        ("math_round", 2.5, {}, 2),
        ("math_min", [3, 1, 2], {}, 1),
        ("math_max", 3, {"operand": 4}, 4),
        ("math_abs", -3, {}, 3),
        ("timestamp", None, {}, "2023-11-14T22:13:20.500Z"),
        ("timestamp", None, {"format": "epoch"}, 1_700_000_000),
        ("date_format", 0, {"format": "%Y/%m/%d"}, "1970/01/01"),
        ("date_format", "2024-05-06T23:00:00-02:00", {}, "2024-05-07"),
        ("echo", {"a": 1}, {}, {"a": 1}),
        ("log", "m", {}, "m"),
    ],
)  # fmt: skip
def test_strategy_gives(name, value, params, expected) -> None:
    result = apply(name, value, **params)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "params"),
    [
        ("deep_set", [1], {"path": "a", "value": 1}),
        ("pick", {"a": 1}, {}),
        ("merge_objects", [1], {}),
        ("json_parse", "{", {}),
        ("json_parse", "NaN", {}),
        ("list_sort", [1, "a"], {}),
        ("list_sort", [True, False], {}),
        ("list_sum", ["a"], {}),
        ("list_length", "text", {}),
        ("list_append", [], {}),
        ("string_upper", 5, {}),
        ("string_replace", "a", {"old": ""}),
        ("regex_match", "a", {"pattern": "("}),
        ("regex_match", "a", {"pattern": "a" * 501}),
        ("regex_extract", "a", {"pattern": "a", "group": 3}),
        ("regex_replace", "a", {"pattern": "a", "replacement": r"\9"}),
        ("to_int", "4.2x", {}),
        ("to_int", [], {}),
        ("to_float", "nan", {}),
        ("to_float", "1e999", {}),
        ("to_bool", "perhaps", {}),
        ("switch_case", 1, {"cases": []}),
        ("assert", None, {"message": "no"}),
        ("base64_decode", "!", {}),
        ("hash", "a", {"algorithm": "none"}),
        ("math_add", True, {"operand": 1}),
        ("math_add", 1, {}),
        ("math_divide", 1, {"operand": 0}),
        ("math_multiply", 1e308, {"operand": 10}),
        ("math_min", [], {}),
        ("date_format", "yesterday", {}),
        ("date_format", 1e20, {}),
    ],
)
def test_strategy_refuses(name, value, params) -> None:
    with pytest.raises(StrategyError):
        apply(name, value, **params)


def test_condition_over_unlike_types_is_an_error() -> None:
    with pytest.raises(ExpressionTypeError):
        apply("list_filter", ["a"], condition="item > 1")


def test_uuid_is_derived_from_the_call() -> None:
    assert apply("uuid", None) == apply("uuid", None)
    assert apply("uuid", None) != apply("uuid", None, seed="other")
    assert len(apply("uuid", None)) == 36


def test_input_is_never_changed() -> None:
    value = {"a": {"b": [1]}}
    apply("deep_set", value, path="a.b[0]", value=2)
    apply("deep_set", value, path="a.c", value=2)
    assert value == {"a": {"b": [1]}}
    items = [1]
    apply("list_append", items, item=2)
    assert items == [1]
