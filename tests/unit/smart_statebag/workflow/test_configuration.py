"""Normalising and checking configurations (Contract 6.3, 6.5)."""

import copy

import pytest
from hypothesis import given

from tasks.smart_statebag.bag.errors import InvalidWorkflowConfig, UnsupportedTopology
from tasks.smart_statebag.workflow.configuration import Limits, normalise
from tests.random_workflows import workflows

DEMO = {
    "workflow_name": "demo",
    "initial_state": {"topic": "tea"},
    "nodes": [
        {"id": "begin", "type": "trigger"},
        {
            "id": "write",
            "type": "llm_chat",
            "config": {"prompt_content": "Two lines about {{ topic }}", "output_key": "text"},
        },
        {
            "id": "check",
            "type": "operator_official",
            "hitp": True,
            "config": {"strategy": "echo", "input_key": "text", "output_key": "approved_text"},
        },
    ],
    "edges": [
        {"source": "begin", "target": "write"},
        {"source": "write", "target": "check", "type": "hitp"},
    ],
}


def places(configuration, limits=None):
    with pytest.raises(InvalidWorkflowConfig) as refusal:
        normalise(configuration, limits)
    return [problem.place for problem in refusal.value.problems]


def one_node(**node):
    return {"nodes": [{"id": "n", **node}]}


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("Code", "operator"),
        ("function", "operator"),
        ("lambda", "operator"),
        ("task", "operator"),
        ("operator_custom", "operator"),
        ("aimodel", "llm_chat"),
        ("GPT", "llm_chat"),
        ("claude", "llm_chat"),
        ("gemini", "llm_chat"),
        ("genai", "llm_chat"),
        ("parallel", "parallel_group"),
        ("trigger", "trigger"),
    ],
)
def test_aliases_mean_one_type(given, canonical) -> None:
    assert normalise(one_node(type=given))["nodes"][0]["type"] == canonical


def test_aliases_that_need_a_config() -> None:
    echo = {"strategy": "echo"}
    assert normalise(one_node(type="safe_operator", config=echo))["nodes"][0]["type"] == (
        "operator_official"
    )
    each = {"input_list_key": "x", "sub_workflow": {"nodes": [{"id": "a", "type": "llm"}]}}
    normal = normalise(one_node(type="map", config=each))["nodes"][0]
    assert normal["type"] == "for_each"
    assert normal["config"]["sub_workflow"]["nodes"][0]["type"] == "llm_chat"
    group = normalise(one_node(type="group", subgraph_inline=DEMO_WITHOUT_PERSON))["nodes"][0]
    assert group["type"] == "subgraph"
    assert group["config"]["subgraph_inline"]["nodes"][0]["hitp"] is False


DEMO_WITHOUT_PERSON = {"nodes": [{"id": "begin", "type": "trigger"}]}


def test_prompt_aliases_are_one_key() -> None:
    for alias in ("prompt_template", "user_prompt_template", "prompt_content"):
        node = normalise(one_node(type="llm", config={alias: "Hi"}))["nodes"][0]
        assert node["config"] == {"prompt_content": "Hi"}


def test_configuration_is_not_mutated() -> None:
    before = copy.deepcopy(DEMO)
    normalise(DEMO)
    assert before == DEMO


def test_unknown_keys_are_kept() -> None:
    normal = normalise({**DEMO, "ui": {"zoom": 2}})
    assert normal["ui"] == {"zoom": 2}
    assert normal["workflow_name"] == "demo"


@given(workflows())
def test_normalising_twice_is_normalising_once(configuration) -> None:
    normal = normalise(configuration)
    assert normalise(normal) == normal


def test_repeated_edges_count_once_and_the_one_that_asks_wins() -> None:
    edges = [
        {"source": "begin", "target": "check"},
        {"source": "begin", "target": "check", "type": "approval"},
    ]
    normal = normalise({**DEMO, "edges": edges})
    assert [edge["type"] for edge in normal["edges"]] == ["approval"]


@pytest.mark.parametrize("nothing", [None, {}, {"nodes": []}, [], "text"])
def test_configuration_without_nodes_is_refused(nothing) -> None:
    assert places(nothing) == [""]


@pytest.mark.parametrize(
    ("configuration", "place"),
    [
        (one_node(type="strange"), "/nodes/0/type"),
        (one_node(), "/nodes/0/type"),
        ({"nodes": [{"type": "start"}]}, "/nodes/0/id"),
        ({"nodes": [{"id": "x" * 129, "type": "start"}]}, "/nodes/0/id"),
        ({"nodes": [{"id": "a", "type": "start"}, {"id": "a", "type": "end"}]}, "/nodes/1/id"),
        ({**DEMO, "edges": [{"source": "begin", "target": "gone"}]}, "/edges/0/target"),
        ({**DEMO, "edges": [{"source": "begin"}]}, "/edges/0/target"),
        ({**DEMO, "edges": "none"}, "/edges"),
        (
            {**DEMO, "edges": [{"source": "begin", "target": "write", "type": "odd"}]},
            "/edges/0/type",
        ),
        (
            {**DEMO, "edges": [{"source": "begin", "target": "write", "condition": "a ="}]},
            "/edges/0/condition",
        ),
        (
            {
                **DEMO,
                "edges": [{"source": "write", "target": "begin", "data": {"isBackEdge": True}}],
            },
            "/edges/0",
        ),
        (
            {**DEMO, "edges": [{"source": "begin", "target": "write", "type": "conditional_edge"}]},
            "/edges/0",
        ),
        ({**DEMO, "failure_policy": "never"}, "/failure_policy"),
        ({**DEMO, "merge_policy": "both"}, "/merge_policy"),
        ({**DEMO, "node_error_policy": "ignore"}, "/node_error_policy"),
        ({**DEMO, "max_concurrency": 0}, "/max_concurrency"),
        ({**DEMO, "max_concurrency": 101}, "/max_concurrency"),
        ({**DEMO, "max_loop_iterations": "many"}, "/max_loop_iterations"),
        (one_node(type="operator", config={"code": "import os"}), "/nodes/0/config/code"),
        (one_node(type="code", code="import os"), "/nodes/0/config/code"),
        (one_node(type="operator", config={"sets": [1]}), "/nodes/0/config/sets"),
        (
            one_node(type="operator_official", config={"strategy": "exec"}),
            "/nodes/0/config/strategy",
        ),
        (
            one_node(type="operator_official", config={"strategy": "echo", "input": "{{ a( }}"}),
            "/nodes/0/config/input",
        ),
        (
            one_node(type="operator_official", config={"strategy": "echo", "input_key": "a b"}),
            "/nodes/0/config/input_key",
        ),
        (
            one_node(
                type="operator_official",
                config={"strategy": "list_filter", "params": {"condition": "item >"}},
            ),
            "/nodes/0/config/params/condition",
        ),
        (
            one_node(
                type="operator_official", config={"strategy": "echo", "error_handling": "retry"}
            ),
            "/nodes/0/config/error_handling",
        ),
        (
            one_node(type="llm", config={"prompt_content": "{% if %}"}),
            "/nodes/0/config/prompt_content",
        ),
        (one_node(type="for_each", config={}), "/nodes/0/config/input_list_key"),
        (
            one_node(type="loop", config={"nodes": [{"id": "i", "type": "odd"}]}),
            "/nodes/0/config/nodes/0/type",
        ),
        (one_node(type="loop", config={"condition": "a b"}), "/nodes/0/config/condition"),
        (one_node(type="subgraph", subgraph_ref="gone"), "/nodes/0/config/subgraph_ref"),
        (one_node(type="api_call"), "/nodes/0/config/url"),
        (
            one_node(
                type="parallel",
                branches=[{"branch_id": "b", "nodes": []}, {"branch_id": "b", "nodes": []}],
            ),
            "/nodes/0/branches",
        ),
        (
            {
                "nodes": [
                    {"id": "a", "type": "start"},
                    {"id": "g", "type": "parallel", "branches": [
                        {"nodes": [{"id": "a", "type": "end"}]}
                    ]},
                ]
            },
            "/nodes/1/branches/0/nodes/0/id",
        ),
    ],
)  # fmt: skip
def test_problem_is_told_with_its_place(configuration, place) -> None:
    assert place in places(configuration)


def test_all_problems_are_told_at_once() -> None:
    found = places(
        {
            "nodes": [{"id": "a", "type": "odd"}, {"id": "a", "type": "start"}],
            "edges": [{"source": "a", "target": "b"}],
            "merge_policy": "x",
        }
    )
    assert sorted(found) == ["/edges/0/target", "/merge_policy", "/nodes/0/type", "/nodes/1/id"]


def test_limits_hold_through_all_levels() -> None:
    branch = {"nodes": [{"id": f"b{index}", "type": "start"} for index in range(4)]}
    group = {"nodes": [{"id": "g", "type": "parallel", "branches": [branch]}]}
    assert normalise(group, Limits(max_nodes=5))["nodes"]
    assert places(group, Limits(max_nodes=4)) == ["/nodes"]
    assert places(group, Limits(max_depth=0)) == ["/nodes/0/branches/0"]


def test_thousand_edges_are_the_most() -> None:
    nodes = [{"id": f"n{index}", "type": "start"} for index in range(47)]
    pairs = [(low, high) for high in range(47) for low in range(high)][:1001]
    edges = [{"source": f"n{low}", "target": f"n{high}"} for low, high in pairs]
    assert normalise({"nodes": nodes, "edges": edges[:1000]})["edges"]
    assert places({"nodes": nodes, "edges": edges}) == ["/edges"]


@pytest.mark.parametrize(
    "configuration",
    [
        one_node(type="vision"),
        one_node(type="nested_for_each"),
        one_node(type="loop", config={"nodes": [{"id": "i", "type": "start", "hitp": True}]}),
        one_node(
            type="for_each",
            config={
                "input_list_key": "x",
                "sub_workflow": {"nodes": [{"id": "i", "type": "start", "hitp": True}]},
            },
        ),
        one_node(type="subgraph", subgraph_inline=DEMO),
        one_node(type="loop", config={"nodes": [{"id": "g", "type": "parallel", "branches": []}]}),
    ],
)
def test_what_is_valid_but_not_supported_here_is_refused(configuration) -> None:
    with pytest.raises(UnsupportedTopology):
        normalise(configuration)


def test_limits_come_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("MAX_NODES_LIMIT", "2")
    assert Limits.from_environment() == Limits(max_nodes=2, max_depth=50)
    assert places(DEMO) == ["/nodes"]
