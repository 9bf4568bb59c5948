"""Paths, templates and intrinsic functions against small independent oracles."""

import base64
import copy
import json
import random
import re
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.errors import ExecutionError, InvalidExpression, PathNotFound, Problem
from pipeline.language.evaluation import Evaluation, Sources
from pipeline.language.json_value import Json
from pipeline.language.query.equality import equal, identity
from pipeline.language.query.intrinsic_functions import parse_intrinsic_call
from pipeline.language.query.json_path import parse_json_path
from pipeline.language.query.payload_template import parse_payload_template
from pipeline.language.query.reference_path import parse_reference_path
from pipeline.language.string_patterns import parse_string_pattern

NAMES = st.text("ab.'\"\\ [é$", min_size=1, max_size=3).filter(lambda name: name[-2:] != ".$")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 0.5])
    | st.text("ab{}'\\", max_size=3)
)
DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
STEPS = st.lists(NAMES | st.integers(0, 3), max_size=4)


def evaluation(document: Json) -> Evaluation:
    sources = Sources(now=0, random=random.Random(0), uuid=lambda: "u", token=lambda: "t")
    return Evaluation(input=document, context={}, sources=sources)


def written(steps: list[str | int]) -> str:
    """A path in bracket notation."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else "['{}']".format(re.sub(r"(['\\])", r"\\\1", step))
        for step in steps
    )


def dotted(steps: list[str | int]) -> str:
    """The same path in dot notation, with every character of a name escaped."""
    return "$" + "".join(
        f"[{step}]" if isinstance(step, int) else "." + "".join(f"\\{c}" for c in step)
        for step in steps
    )


def found(document: Json, steps: list[str | int]) -> list[Json]:
    """The value at the steps in a list, or an empty list."""
    for step in steps:
        if isinstance(document, dict) and step in document:
            document = document[str(step)]
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return []
    return [document]


def can_be_written(document: Json, steps: list[str | int]) -> bool:
    """Whether every step meets a container it fits, or a gap that only fields are to fill."""
    for taken, step in enumerate(steps):
        node = found(document, steps[:taken])
        if not node:
            return not any(isinstance(missing, int) for missing in steps[taken:])
        fits = isinstance(node[0], dict) and isinstance(step, str)
        if not fits and not found(document, steps[: taken + 1]):
            return False
    return True


def every_place(document: Json) -> list[list[str | int]]:
    """The steps to every node of a document."""
    places: list[list[str | int]] = [[]]
    if isinstance(document, dict):
        for key, item in document.items():
            places += [[key, *place] for place in every_place(item)]
    if isinstance(document, list):
        for index, item in enumerate(document):
            places += [[index, *place] for place in every_place(item)]
    return places


def same(left: Json, right: Json) -> bool:
    """JSON equality by way of text: numbers as exact fractions, so that 1 is 1.0 but not true."""

    def plain(value: Json) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return f"number {Fraction(value)}"
        if isinstance(value, list):
            return f"[{','.join(map(plain, value))}]"
        if isinstance(value, dict):
            return f"{{{','.join(f'{key!r}:{plain(value[key])}' for key in sorted(value))}}}"
        return f"{type(value).__name__} {value!r}"

    return plain(left) == plain(right)


@given(DOCUMENTS, st.data())
def test_both_notations_find_every_node(document: Json, data: st.DataObject) -> None:
    steps = data.draw(st.sampled_from(every_place(document)))
    for text in (written(steps), dotted(steps)):
        assert parse_reference_path(text).get(document) is found(document, steps)[0]
        assert parse_json_path(text).evaluate(evaluation(document)) is found(document, steps)[0]


@given(DOCUMENTS, STEPS)
def test_a_path_finds_what_plain_indexing_finds(document: Json, steps: list[str | int]) -> None:
    try:
        values = [parse_reference_path(written(steps)).get(document)]
    except PathNotFound:
        values = []
    assert values == found(document, steps)


@given(DOCUMENTS, STEPS, DOCUMENTS)
def test_put_writes_one_place_and_leaves_all_others(
    document: Json, steps: list[str | int], value: Json
) -> None:
    before = copy.deepcopy(document)
    path = parse_reference_path(written(steps))
    if not can_be_written(document, steps):
        with pytest.raises(ExecutionError, match=r"States\.ResultPathMatchFailure"):
            path.put(document, value)
        return
    after = path.put(document, value)
    assert document == before
    assert path.get(after) is value
    for place in every_place(document):
        if place != steps[: len(place)] and steps != place[: len(steps)]:
            assert found(after, place)[0] is found(document, place)[0]


@given(st.lists(DOCUMENTS, max_size=6), st.integers(-7, 7), st.integers(-7, 7))
def test_slices_are_pythons(values: list[Json], start: int, end: int) -> None:
    text = f"$.a[{start}:{end}]"
    assert parse_json_path(text).evaluate(evaluation({"a": values})) == values[start:end]


@given(DOCUMENTS, st.sampled_from(["a", "b", "é"]))
def test_recursive_descent_finds_every_field_of_the_name(document: Json, name: str) -> None:
    places = [place for place in every_place(document) if place and place[-1] == name]
    expected = [found(document, place)[0] for place in places]
    matches = parse_json_path(f"$..{name}").evaluate(evaluation(document))
    assert isinstance(matches, list)
    assert sorted(map(repr, matches)) == sorted(map(repr, expected))


@given(st.text("$.[]()'\"ab*?@,:-0 \\=~/{}#", max_size=12))
def test_any_text_is_parsed_or_refused_and_never_crashes(text: str) -> None:
    for path in ("$" + text, "$.a[?" + text + "]"):
        with suppress(InvalidExpression, PathNotFound):
            parse_json_path(path).evaluate(evaluation({"a": [1, {"b": "x"}]}))
        with suppress(InvalidExpression):
            parse_reference_path(path)
    for call in ("States.Array(" + text, "States.Format('" + text):
        with suppress(InvalidExpression, PathNotFound, ExecutionError):
            parse_intrinsic_call(call).evaluate(evaluation({"a": 1}))
    with suppress(InvalidExpression):
        parse_string_pattern(text)


@given(DOCUMENTS, DOCUMENTS)
def test_equality_and_identity_agree_with_the_oracle(left: Json, right: Json) -> None:
    assert equal(left, right) == same(left, right) == (identity(left) == identity(right))
    assert equal(left, copy.deepcopy(left))


@given(DOCUMENTS)
def test_a_template_computes_exactly_the_fields_it_was_given(document: Json) -> None:
    """Each string in a document is replaced by a field that computes it."""

    def template(value: Json) -> Json:
        if isinstance(value, dict):
            return dict(
                (f"{key}.$", written(["values", item]))
                if isinstance(item, str) and item
                else (key, template(item))
                for key, item in value.items()
            )
        return [template(item) for item in value] if isinstance(value, list) else value

    def strings(value: Json) -> set[str]:
        below = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            return {text for item in below for text in strings(item)}  # type: ignore[union-attr]
        return {value} if isinstance(value, str) else set()

    problems: list[Problem] = []
    compiled = parse_payload_template(template(document), "", problems)
    values: Json = {text: text for text in strings(document)}
    assert problems == []
    assert compiled.evaluate(evaluation({"values": values})) == document


def call(text: str, **values: Json) -> Json:
    return parse_intrinsic_call(text).evaluate(evaluation(dict(values)))


@given(st.lists(DOCUMENTS, max_size=8), st.integers(1, 4))
def test_partitions_join_to_the_whole(values: list[Json], size: int) -> None:
    chunks = call("States.ArrayPartition($.v, $.n)", v=values, n=size)
    assert isinstance(chunks, list)
    joined = [item for chunk in chunks for item in chunk]  # type: ignore[union-attr]
    assert joined == values
    sizes = [len(chunk) for chunk in chunks]  # type: ignore[arg-type]
    assert sizes == [min(size, len(values) - start) for start in range(0, len(values), size)]


@given(st.lists(DOCUMENTS, max_size=8), DOCUMENTS)
def test_unique_and_contains_follow_the_oracle(values: list[Json], wanted: Json) -> None:
    firsts: list[Json] = []
    for value in values:
        if not any(same(value, first) for first in firsts):
            firsts.append(value)
    unique = call("States.ArrayUnique($.v)", v=values)
    assert isinstance(unique, list)
    assert [id(value) for value in unique] == [id(value) for value in firsts]
    contains = call("States.ArrayContains($.v, $.w)", v=values, w=wanted)
    assert contains is any(same(value, wanted) for value in values)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_a_range_counts_by_its_step(first: int, last: int, step: int) -> None:
    expected, number = [], first
    while (number <= last) if step > 0 else (number >= last):
        expected.append(number)
        number += step
    assert call("States.ArrayRange($.a, $.b, $.c)", a=first, b=last, c=step) == expected


@given(st.text(max_size=50))
def test_text_survives_json_and_base64_and_a_literal(text: str) -> None:
    assert call("States.StringToJson(States.JsonToString($.v))", v=text) == text
    encoded = call("States.Base64Encode($.v)", v=text)
    assert encoded == base64.b64encode(text.encode()).decode()
    assert call("States.Base64Decode($.v)", v=encoded) == text
    literal = re.sub(r"(['\\{}])", r"\\\1", text)
    assert call(f"States.Array('{literal}')") == [text]
    assert call(f"States.Format('{literal}')") == text


@given(st.lists(SCALARS, max_size=4), st.lists(st.text("ab '\\{}", max_size=3), min_size=5))
def test_format_interleaves_template_and_values(values: list[Json], texts: list[str]) -> None:
    def shown(value: Json) -> str:
        return value if isinstance(value, str) else json.dumps(value)

    pieces = texts[: len(values) + 1]
    template = "{}".join(re.sub(r"(['\\{}])", r"\\\1", piece) for piece in pieces)
    arguments = "".join(f", $.v[{index}]" for index in range(len(values)))
    expected = pieces[0] + "".join(
        shown(value) + piece for value, piece in zip(values, pieces[1:], strict=True)
    )
    assert call(f"States.Format('{template}'{arguments})", v=values) == expected


@given(st.text("ab,;-]^", max_size=12), st.text(",;-]^", min_size=1, max_size=3))
def test_split_gives_the_runs_between_delimiters(text: str, delimiters: str) -> None:
    spaced = "".join(" " if character in delimiters else character for character in text)
    assert call("States.StringSplit($.t, $.d)", t=text, d=delimiters) == spaced.split()
