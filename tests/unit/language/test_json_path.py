"""Paths on the input and the context object."""

import random

import pytest

from pipeline.language.errors import ExecutionError, InvalidExpression, PathNotFound
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json
from pipeline.language.query.json_path import parse_json_path

STORE: Json = {
    "book": [
        {"title": "A", "price": 8.95, "tags": ["x", "y"]},
        {"title": "B", "price": 12, "isbn": "1"},
        {"title": "C", "price": 22.99, "isbn": None},
    ],
    "x y": {"title": "D"},
    "name": "[1,2]",
    "limit": 10,
}


def evaluation(document: Json) -> Evaluation:
    sources = Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t")
    return Evaluation(
        input=document, context={"Map": {"Item": {"Index": 3}}, "List": [1, 2]}, sources=sources
    )


def search(text: str, document: Json = STORE) -> Json:
    return parse_json_path(text).evaluate(evaluation(document))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$", STORE),
        ("$.book[1].title", "B"),
        ("$['x y'].title", "D"),
        ("$.book[2].isbn", None),
        ("$.book[-1].title", "C"),
        ("$.book[(@.length-1)].title", "C"),
        ("$.book.length()", 3),
        ("$.name.length()", 5),
        ("$$.Map.Item.Index", 3),
        ("$$['List'][0]", 1),
        ("$$", {"Map": {"Item": {"Index": 3}}, "List": [1, 2]}),
    ],
)
def test_a_definite_path_gives_its_value(text: str, found: Json) -> None:
    assert search(text) == found


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("$..title", ["A", "B", "C", "D"]),
        ("$.book[*].title", ["A", "B", "C"]),
        ("$.book.*.title", ["A", "B", "C"]),
        ("$.book[0,2].title", ["A", "C"]),
        ("$.book[-1:].title", ["C"]),
        ("$.book[1:3].title", ["B", "C"]),
        ("$.book[:2].title", ["A", "B"]),
        ("$.book[?(@.isbn)].title", ["B", "C"]),
        ("$.book[?(!@.isbn)].title", ["A"]),
        ("$.book[?(@.title == 'B')].title", ["B"]),
        ('$.book[?(@.title == "B")].title', ["B"]),
        ("$.book[?(@['title'] != 'B')]['title']", ["A", "C"]),
        ("$.book[?(@.price < 10)].title", ["A"]),
        ("$.book[?(@.price > 10 && @.price <= 12)].title", ["B"]),
        ("$.book[?(@.price < 10 || @.price > 20)].title", ["A", "C"]),
        ("$.book[?(@.price > $.limit)].title", ["B", "C"]),
        ("$.book[?(@.title in ['A', 'C'])].title", ["A", "C"]),
        ("$.book[?(@.title =~ /[bc]/i)].title", ["B", "C"]),
        ("$.book[?(@.tags[0] == 'x')].title", ["A"]),
        ("$..book[0].title", ["A"]),
        ("$..['title']", ["A", "B", "C", "D"]),
        ("$..[?(@.price == 12)].title", ["B"]),
        ("$.book[?(@.price > 100)].title", []),
        ("$.book[7:9]", []),
        ("$..nothing", []),
        ("$.limit[*]", []),
    ],
)
def test_an_indefinite_path_gives_an_array_perhaps_empty(text: str, titles: Json) -> None:
    assert search(text) == titles


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$.book[0]['title','price']", {"title": "A", "price": 8.95}),
        ("$['limit', \"name\"]", {"limit": 10, "name": "[1,2]"}),
        ("$.book[1,2]['isbn','tags']", [{"isbn": "1"}, {"isbn": None}]),
        ("$.book[*]['gone','tags']", [{"tags": ["x", "y"]}, {}, {}]),
        ("$['gone','nothing']", {}),
        ("$.book[*].tags['a','b']", []),
        ("$$.Map.Item['Index','Value']", {"Index": 3}),
        ("$['x y','gone'].title", ["D"]),
    ],
)
def test_a_path_that_ends_in_several_names_makes_objects_of_them(text: str, found: Json) -> None:
    assert search(text) == found


def test_an_indefinite_path_looks_in_the_context_object_too() -> None:
    assert search("$$.List[*]") == [1, 2]


def test_a_wildcard_does_not_read_json_out_of_a_string() -> None:
    assert search("$[*]", "[1,2]") == []
    assert search("$..a", "no json") == []


def test_filters_tell_true_from_one() -> None:
    assert search("$[?(@.n == 1)].n", [{"n": True}, {"n": 1}]) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "$.missing",
        "$.book[3]",
        "$.book[-4]",
        "$.book.title",
        "$.name[0]",
        "$$.Task.Token",
        "$.limit.length()",
        "$.book['a','b']",
        "$.gone['a','b']",
    ],
)
def test_members_of_what_is_no_object_are_not_found(text: str) -> None:
    with pytest.raises(PathNotFound) as caught:
        search(text)
    assert caught.value.path == text


@pytest.mark.parametrize(
    "text",
    [
        "$.missing[*].title",
        "$.missing..title",
        "$.missing[1:].a",
        "$.missing[?(@.a == 1)]",
        "$.limit[0:1]",
        "$.limit[0,1]",
    ],
)
def test_a_path_that_may_match_several_nodes_matches_none_where_its_beginning_is_absent(
    text: str,
) -> None:
    assert search(text) == []


def test_not_found_carries_the_document_that_was_searched() -> None:
    with pytest.raises(PathNotFound) as caught:
        search("$$.List.a")
    assert caught.value.document == evaluation(None).context


def test_a_document_nested_too_deeply_to_search_fails_the_state() -> None:
    deep: Json = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(ExecutionError, match=r"States\.Runtime"):
        search("$..a", deep)


@pytest.mark.parametrize("text", ["$1a", "$_x", "$a-b", "$a b", "$states", f"${'n' * 81}", "$$a"])
def test_a_path_of_a_variable_with_a_bad_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression, match="is not a valid path"):
        parse_json_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "book",
        " $.a",
        "$.",
        "$..",
        "$.a.",
        "$.a b",
        "$.a[",
        "$.a[]",
        "$.a['b]",
        "$.a[?(@.b ==)]",
        "$.a[?(@.b =~ /[/)]",
        "$.a[*",
        "$.a[x]",
        "$.a.size()",
        "$.a[*].length()",
        "$.a | $.b",
        "$$$",
        "$9",
        "$.a[99999999999999999999]",
    ],
)
def test_what_is_no_path_is_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        parse_json_path(text)
    assert f"'{text}'" in str(caught.value)


def test_the_names_of_an_indefinite_path_may_hold_anything() -> None:
    document: Json = {"a-b": {"c'd\\": [{"&Ж": 1}, {"&Ж": 2}]}}
    assert search(r"""$.a-b['c\'d\\'][*].&Ж""", document) == [1, 2]


def test_paths_of_the_same_text_are_equal() -> None:
    assert parse_json_path("$.a[*]") == parse_json_path("$.a[*]")
    assert parse_json_path("$.a[*]") != parse_json_path("$.a[0:1]")
