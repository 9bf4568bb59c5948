"""Reference paths name one place, read it, and write it in a copy."""

import copy

import pytest

from pipeline.language.errors import ExecutionError, InvalidExpression, PathNotFound
from pipeline.language.json_value import Json
from pipeline.language.query.reference_path import parse_reference_path


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$", ()),
        ("$.store.book", ("store", "book")),
        (r"$.store\.book", ("store.book",)),
        (r"$.\stor\e.boo\k", ("store", "book")),
        (r"$.foo\@bar.baz\[\[.\?pretty", ("foo@bar", "baz[[", "?pretty")),
        (r"$.&Ж中.\uD800\uDF46", ("&Ж中", "\U00010346")),
        ("$.ledgers[0][22][315].foo", ("ledgers", 0, 22, 315, "foo")),
        ("$['store'][0]['x y']", ("store", 0, "x y")),
        ("""$["it's"]['a\\'b']""", ("it's", "a'b")),
        ("$.a-b._c.9", ("a-b", "_c", "9")),
    ],
)
def test_the_specifications_forms_are_parsed(text: str, steps: tuple[str | int, ...]) -> None:
    path = parse_reference_path(text)
    assert (path.text, path.steps) == (text, steps)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "$$.Execution.Id",
        "$name",
        "$.",
        "$.a.",
        "$.a..b",
        "$.a b",
        "$.a[-1]",
        "$.a[*]",
        "$.*",
        "$..a",
        "$.a[0,1]",
        "$.a[0:1]",
        "$.a[?(@.b)]",
        "$.a.length()",
        "$.a[",
        "$.a['b]",
        "$.a@b",
        "$.a\\",
    ],
)
def test_what_may_name_several_nodes_or_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_reference_path(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("$", {"a": [{"b": None}, "xy"]}), ("$.a[0].b", None), ("$.a[1]", "xy")],
)
def test_get_finds_values_and_null_is_a_value(text: str, found: Json) -> None:
    assert parse_reference_path(text).get({"a": [{"b": None}, "xy"]}) == found


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("$.b", {"a": 1}),
        ("$.a.b", {"a": 1}),
        ("$.a.b", {"a": None}),
        ("$.a.b", {"a": "text"}),
        ("$.a[0]", {"a": "text"}),
        ("$.a[0]", {"a": {"0": 1}}),
        ("$.a[2]", {"a": [1, 2]}),
        ("$.a.b", {"a": [1]}),
        ("$.a", [1]),
        ("$.a", None),
    ],
)
def test_get_of_what_is_not_there_names_the_path_and_the_document(
    text: str, document: Json
) -> None:
    with pytest.raises(PathNotFound) as caught:
        parse_reference_path(text).get(document)
    assert (caught.value.path, caught.value.document) == (text, document)


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("$", {"a": 1}, "new"),
        ("$.b", {"a": 1}, {"a": 1, "b": "new"}),
        ("$.a", {"a": {"x": 1}}, {"a": "new"}),
        ("$.a.b.c", {}, {"a": {"b": {"c": "new"}}}),
        ("$.a.b", {"a": {"x": 1}}, {"a": {"x": 1, "b": "new"}}),
        ("$.a[1].b", {"a": [1, {"c": 2}, 3]}, {"a": [1, {"c": 2, "b": "new"}, 3]}),
        ("$[0]", [1, 2], ["new", 2]),
        ("$.a", {"a": None}, {"a": "new"}),
    ],
)
def test_put_makes_what_is_missing_in_a_copy(text: str, document: Json, expected: Json) -> None:
    before = copy.deepcopy(document)
    assert parse_reference_path(text).put(document, "new") == expected
    assert document == before


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("$.a", "text"),
        ("$.a", [1]),
        ("$.a", None),
        ("$.a.b", {"a": 1}),
        ("$.a[2]", {"a": [1, 2]}),
        ("$.a[0]", {}),
        ("$.a[0]", {"a": {}}),
    ],
)
def test_put_where_a_step_does_not_apply_is_a_result_path_failure(
    text: str, document: Json
) -> None:
    with pytest.raises(ExecutionError) as caught:
        parse_reference_path(text).put(document, "new")
    assert caught.value.error == "States.ResultPathMatchFailure"
    assert caught.value.cause.startswith(f"Unable to apply ReferencePath {text} to input ")
