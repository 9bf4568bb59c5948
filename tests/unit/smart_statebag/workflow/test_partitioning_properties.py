"""Any workflow, cut into segments, comes to the state of the plain run (Contract 6.3)."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.graph import Graph, objects
from tasks.smart_statebag.workflow.nodes import NodeServices
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.partitioning import (
    Entry,
    branches_of,
    check_links,
    partition,
    splice,
)
from tasks.smart_statebag.workflow.partitioning.census import every_entry
from tasks.smart_statebag.workflow.rules import Rules
from tasks.smart_statebag.workflow.segment_runner import SegmentRunner
from tests.in_memory import run_in_memory
from tests.random_workflows import workflows

SERVICES = NodeServices(mock=True)


def partition_or_skip(configuration: JsonObject) -> list[Entry]:
    try:
        return partition(normalise(configuration))
    except UnsupportedTopology:
        assume(False)
        raise


def run_segments(configuration: JsonObject, partition_map: list[Entry]) -> JsonObject:
    rules = Rules.of(normalise(configuration))
    runner = SegmentRunner(rules=rules, execution_id="e", services=SERVICES)
    run = runner.run_map(partition_map, {"given": 1})
    assert not run.failed, run.error_info
    return without_reserved(run.state)


@settings(max_examples=400, deadline=None)
@given(workflows())
def test_segments_come_to_the_state_of_the_plain_run(configuration) -> None:
    partition_map = partition_or_skip(configuration)
    plain = run_in_memory(configuration, {"given": 1}, services=SERVICES)
    assert run_segments(configuration, partition_map) == plain.state


@settings(max_examples=300, deadline=None)
@given(workflows(routers=False))
def test_without_choices_every_node_runs_after_its_predecessors(configuration) -> None:
    """An oracle that knows nothing of groups: nodes in order over one state."""
    normal = normalise(configuration)
    graph = Graph.of(normal)
    state = run_segments(configuration, partition(normal))
    results: dict[str, str] = {}
    for node_id in graph.order:
        node = graph.nodes[node_id]
        read = "".join(results.get(source, "") for source in _read_by(node))
        if node["type"] == "operator_official" and node["config"]["strategy"] != "list_append":
            results[node_id] = f"{node_id}<{read}>"
            assert state[f"{node_id}_result"] == results[node_id]
        elif node["type"] == "llm_chat":
            results[node_id] = state[f"{node_id}_result"]
        elif node["type"] == "operator_official":
            assert state["seen"].count(node_id) == 1


def _read_by(node: JsonObject) -> list[str]:
    text = str(node["config"]) if isinstance(node["config"], dict) else ""
    return [piece.split("_result")[0] for piece in text.split("{{ ")[1:]]


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_every_node_is_in_exactly_one_segment(configuration) -> None:
    partition_map = partition_or_skip(configuration)
    found = sorted(
        node_id for entry in every_entry(partition_map) for node_id in entry.get("node_ids", [])
    )
    expected: list[str] = []
    for node in objects(configuration["nodes"]):
        if node["type"] == "parallel_group":
            expected += [inner["id"] for b in node["branches"] for inner in b["nodes"]]
        else:
            expected.append(node["id"])
    assert found == sorted(expected)


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_links_are_consistent(configuration) -> None:
    partition_map = partition_or_skip(configuration)
    assert check_links(partition_map) == partition_map
    for entry in every_entry(partition_map):
        assert all(other < entry["id"] for other in entry["dependencies"])
        if entry["type"] == "parallel_group":
            assert entry["default_next"] == entry["id"] + 1
    following = {
        link
        for entry in partition_map
        for link in (entry["default_next"], *(c["next"] for c in entry["conditions"]))
    }
    assert set(range(1, len(partition_map))) <= following


@settings(max_examples=200, deadline=None)
@given(workflows())
def test_a_segment_begins_where_the_contract_cuts(configuration) -> None:
    partition_map = partition_or_skip(configuration)
    graph = Graph.of(normalise(configuration))
    for entry in every_entry(partition_map):
        nodes = objects(entry.get("nodes"))
        inner = [node for node in nodes[1:] if node["id"] in graph.nodes]
        assert all(node["type"] != "llm_chat" for node in inner)
        assert all(len(graph.entering[str(node["id"])]) <= 1 for node in inner)
        if nodes and nodes[0]["type"] == "llm_chat":
            assert len(nodes) == 1


@settings(max_examples=150, deadline=None)
@given(workflows(routers=False, prefix="i"), workflows(prefix="o"), st.data())
def test_splicing_a_branch_is_running_it_in_place(inner, outer, data) -> None:
    place = data.draw(st.integers(0, len(outer["nodes"]) - 1))
    group_id = outer["nodes"][place]["id"]
    group = {"id": group_id, "type": "parallel_group", "branches": [inner]}
    configuration = {
        "edges": outer["edges"],
        "nodes": [group if node["id"] == group_id else node for node in outer["nodes"]],
    }
    assume(not any(e["source"] == group_id and "condition" in e for e in outer["edges"]))
    outer_map = partition_or_skip(configuration)
    at = [
        entry["id"]
        for entry in outer_map
        if len(branches_of(entry)) == 1
        and branches_of(entry)[0]["partition_map"][0]["id"] == 0
        and entry["branches"][0]["target_node"] in {node["id"] for node in inner["nodes"]}
    ]
    assume(len(at) == 1)
    runner = SegmentRunner(rules=Rules(), execution_id="e", services=SERVICES)
    state, step = {"given": 1}, 0
    while step is not None and step != at[0]:
        run = runner.run(outer_map[step], state)
        state, step = run.state, run.next_segment
    assume(step is not None)
    branch_map = branches_of(outer_map[at[0]])[0]["partition_map"]
    spliced = runner.run_map(splice(outer_map, at[0], branch_map), state)
    plain = run_in_memory(configuration, {"given": 1}, services=SERVICES)
    assert without_reserved(spliced.state) == plain.state


def activated(graph: Graph) -> set[str]:
    """Nodes that some taken edge leads to: routers take one way, other nodes all of theirs.

    A router that takes no way at all goes on where its ways meet.
    """
    active = {node for node in graph.order if not graph.entering[node]}
    for node in graph.order:
        if node not in active:
            continue
        true = [edge for edge in graph.conditional(node) if str(edge.condition).endswith("0 == 0")]
        targets = {edge.target for edge in true[:1] or graph.plain(node)}
        meeting = graph.convergences[node]
        if graph.conditional(node) and not targets and meeting is not None:
            targets = {meeting}
        active |= targets
    return active


@settings(max_examples=400, deadline=None)
@given(workflows())
def test_exactly_the_nodes_run_to_which_taken_edges_lead(configuration) -> None:
    normal = normalise(configuration)
    graph = Graph.of(normal)
    for node in graph.order:
        if graph.conditional(node):
            region = graph.region(node)
            entered_from = {edge.source for each in region for edge in graph.entering[each]}
            assume(entered_from <= region | {node})
    partition_map = partition_or_skip(configuration)
    runner = SegmentRunner(rules=Rules(), execution_id="e", services=SERVICES)
    run = runner.run_map(partition_map, {})
    ran = sorted(str(entry["node_id"]) for entry in run.entries)
    expected: list[str] = []
    for node_id in activated(graph):
        branches = objects(graph.nodes[node_id].get("branches"))
        inner = [str(node["id"]) for branch in branches for node in objects(branch["nodes"])]
        expected += inner if graph.nodes[node_id]["type"] == "parallel_group" else [node_id]
    assert ran == sorted(expected)
