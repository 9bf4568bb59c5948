"""Drawings of definitions: every state once, no two boxes on each other, every text escaped."""

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.graphs.definition_difference import definition_difference
from pipeline.console.graphs.graph import all_states, graph_of
from pipeline.console.graphs.layers import layers_of
from pipeline.console.graphs.layout import Box, draw
from pipeline.console.graphs.mermaid import mermaid
from pipeline.console.graphs.svg import Mark, svg

ASL = Path(__file__).resolve().parents[3] / "config" / "asl"
FILES = sorted(ASL.glob("aws_step_functions*.json"))
NAMESPACE = "{http://www.w3.org/2000/svg}"


def load(file: Path) -> Any:
    return json.loads(file.read_text())


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def contains(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_state_has_one_box_and_boxes_overlap_only_where_one_contains_the_other(
    file: Path,
) -> None:
    graph = graph_of(load(file))
    boxes = [box for box in draw(graph).boxes if box.state is not None]
    assert len(boxes) >= 43
    assert [box.state.name for box in boxes if box.state] != []
    assert sorted(box.state.name for box in boxes if box.state) == sorted(
        state.name for state in all_states(graph)
    )
    for one, other in combinations(boxes, 2):
        assert not overlap(one, other) or contains(one, other) or contains(other, one)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_first_state_is_drawn_above_all_others_of_its_scope(file: Path) -> None:
    definition = load(file)
    tops = {box.state.name: box.y for box in draw(graph_of(definition)).boxes if box.state}
    own = {name: tops[name] for name in definition["States"]}
    assert min(own, key=lambda name: own[name]) == definition["StartAt"]


def test_a_loop_leads_upwards_and_a_state_may_lead_to_itself() -> None:
    choice = {"Variable": "$.x", "IsNull": True}
    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Next": "B"},
            "B": {
                "Type": "Choice",
                "Choices": [choice | {"Next": "A"}, choice | {"Next": "B"}],
                "Default": "C",
            },
            "C": {"Type": "Succeed"},
        },
    }
    arrows = {
        (arrow.transition.source, arrow.transition.target): arrow.points
        for arrow in draw(graph_of(definition)).arrows
        if arrow.transition is not None
    }
    assert set(arrows) == {("A", "B"), ("B", "A"), ("B", "B"), ("B", "C")}
    assert arrows["B", "A"][0][1] > arrows["B", "A"][-1][1]
    assert arrows["A", "B"][0][1] < arrows["A", "B"][-1][1]


@given(
    count=st.integers(2, 12),
    pairs=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30),
)
def test_every_edge_of_any_graph_passes_each_row_on_its_way(
    count: int, pairs: set[tuple[int, int]]
) -> None:
    edges = sorted((a, b) for a, b in pairs if a != b and a < count and b < count)
    layers = layers_of(count, edges)
    row = {node: number for number, nodes in enumerate(layers.rows) for node in nodes}
    assert set(range(count)) <= set(row)
    assert len(row) == sum(map(len, layers.rows))
    assert set(layers.chains) == set(edges)
    for (source, target), chain in layers.chains.items():
        assert (chain[0], chain[-1]) == (source, target)
        assert all(abs(row[a] - row[b]) == 1 for a, b in pairwise(chain))


def test_a_state_reached_by_errors_alone_has_an_arrow() -> None:
    definition = {
        "StartAt": "A",
        "States": {
            "A": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "X", "States": {"X": {"Type": "Succeed"}}}] * 2,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "F"}],
                "End": True,
            },
            "F": {"Type": "Fail"},
        },
    }
    drawing = draw(graph_of(definition))
    labels = [arrow.transition.label for arrow in drawing.arrows if arrow.transition]
    assert labels == ["Catch"]
    assert [box.state for box in drawing.boxes].count(None) == 2


def test_text_from_a_definition_is_escaped() -> None:
    name = "<script>alert('&')</script>"
    graph = graph_of({"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}})
    text = svg(draw(graph), {name: Mark(look="failed", text="<b>")}, link=lambda state: f'"{state}')
    assert "<script>" not in text
    root = ET.fromstring(text)  # noqa: S314 - our own text
    shown = [element.text for element in root.iter(f"{NAMESPACE}text")]
    assert shown == [name, "Pass", "<b>"]


def test_mermaid_has_a_subgraph_for_each_nested_scope_and_quotes_names() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    definition = {
        "StartAt": 'a "b"',
        "States": {
            'a "b"': {"Type": "Map", "ItemProcessor": inner, "Next": "Z"},
            "Z": {"Type": "Choice", "Choices": [{"Condition": "{% $x %}", "Next": "Y"}]},
            "Y": {"Type": "Succeed"},
        },
    }
    assert mermaid(graph_of(definition)).splitlines() == [
        "flowchart TD",
        '    subgraph s0["a &quot;b&quot; (Map)"]',
        '        s1["I"]',
        "    end",
        '    s2{"Z"}',
        '    s3(["Y"])',
        "    s0 --> s2",
        '    s2 -->|"{% $x %}"| s3',
    ]


def test_a_difference_names_what_was_added_removed_and_changed() -> None:
    old = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Wait", "Seconds": 1, "Next": "B"},
            "B": {"Type": "Pass", "Next": "C"},
            "C": {"Type": "Succeed"},
        },
    }
    new = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Wait", "Seconds": 2, "Next": "D"},
            "D": {"Type": "Pass", "Next": "C"},
            "C": {"Type": "Succeed"},
        },
    }
    found = definition_difference(old, new)
    assert found.states == {"D": "added", "B": "removed", "A": "changed"}
    assert [(each.path, each.old, each.new) for each in found.fields["A"]] == [
        ("/Seconds", 1, 2),
        ("/Next", "B", "D"),
    ]
    assert found.removed == {("A", "B"), ("B", "C")}
    assert {state.name for state in found.graph.states} == {"A", "B", "C", "D"}
    assert not found.is_empty
    assert definition_difference(old, old).is_empty


def test_a_state_that_moved_into_a_map_has_changed_and_is_drawn_once() -> None:
    work = {"Type": "Pass", "End": True}
    old = {"StartAt": "W", "States": {"W": work}}
    inner = {"StartAt": "W", "States": {"W": work}}
    new = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    found = definition_difference(old, new)
    assert found.states == {"M": "added", "W": "changed"}
    assert [state.name for state in all_states(found.graph)] == ["M", "W"]
