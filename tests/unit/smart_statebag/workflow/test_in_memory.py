"""Whole workflows in memory, and segment by segment where that says more."""

import pytest

from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.partitioning import partition
from tasks.smart_statebag.workflow.rules import Rules
from tasks.smart_statebag.workflow.segment_runner import SegmentRunner
from tests.in_memory import run_in_memory
from tests.unit.smart_statebag.workflow.test_configuration import DEMO


def append(node: str, item: object, key: str = "seen"):
    return {
        "id": node,
        "type": "operator_official",
        "config": {
            "strategy": "list_append",
            "input_key": key,
            "params": {"item": item},
            "output_key": key,
        },
    }


def add_one(node: str, key: str = "n"):
    config = {"strategy": "math_add", "input_key": key, "params": {"operand": 1}, "output_key": key}
    return {"id": node, "type": "operator_official", "config": config}


def failing(node: str):
    return {"id": node, "type": "operator_official", "config": {"strategy": "assert"}}


def by_segments(configuration, state, services):
    normal = normalise(configuration)
    runner = SegmentRunner(rules=Rules.of(normal), execution_id="e", services=services)
    return runner.run_map(partition(normal), state)


def test_demo_of_the_contract(services) -> None:
    run = run_in_memory(DEMO, services=services)
    assert run.status == "SUCCEEDED"
    assert run.state["text"].startswith("[offline:offline] ")
    assert run.state["approved_text"] == run.state["text"]
    assert [entry["node_id"] for entry in run.entries] == ["begin", "write", "check"]
    types = [entry["type"] for entry in partition(normalise(DEMO))]
    assert types == ["normal", "llm", "hitp"]


def test_given_state_lies_over_that_of_the_configuration(services) -> None:
    run = run_in_memory(DEMO, {"topic": "coffee"}, services=services)
    assert "Two lines about coffee" in run.state["text"]


LOOP = {
    "nodes": [append("a", "a"), add_one("count"), append("b", "b"), append("z", "z")],
    "edges": [
        {"source": "a", "target": "count"},
        {"source": "count", "target": "b"},
        {"source": "b", "target": "count", "condition": "n < 3", "data": {"isBackEdge": True}},
        {"source": "b", "target": "z", "data": {"isLoopExit": True}},
    ],
}


def test_back_edge_is_taken_while_its_condition_holds(services) -> None:
    plain = run_in_memory(LOOP, {"n": 0}, services=services)
    assert plain.state == {"n": 3, "seen": ["a", "b", "b", "b", "z"]}
    assert by_segments(LOOP, {"n": 0}, services).state == plain.state


def test_branches_see_the_base_and_are_folded_in_order(services) -> None:
    configuration = {
        "nodes": [append("s", 0), append("p", 1), append("q", 2), append("m", 3)],
        "edges": [
            {"source": "s", "target": "q"},
            {"source": "s", "target": "p"},
            {"source": "p", "target": "m"},
            {"source": "q", "target": "m"},
        ],
    }
    assert run_in_memory(configuration, services=services).state == {"seen": [0, 2, 1, 3]}
    assert by_segments(configuration, {}, services).state == {"seen": [0, 2, 1, 3]}


def test_merge_policy_decides_conflicts(services) -> None:
    def sets(node, value):
        return {"id": node, "type": "operator", "config": {"sets": {"x": value}}}

    configuration = {
        "nodes": [sets("s", 0), sets("p", 1), sets("q", 2)],
        "edges": [{"source": "s", "target": "p"}, {"source": "s", "target": "q"}],
    }
    results = {
        policy: run_in_memory({**configuration, "merge_policy": policy}, services=services)
        for policy in ("last_wins", "first_wins", "error")
    }
    assert results["last_wins"].state == {"x": 2}
    assert results["first_wins"].state == {"x": 1}
    assert results["error"].status == "FAILED"
    assert results["error"].error_info.error_type == "MergeConflict"


def test_failing_node_ends_the_run_and_names_itself(services) -> None:
    configuration = {
        "nodes": [append("a", 1), failing("bad"), append("z", 2)],
        "edges": [{"source": "a", "target": "bad"}, {"source": "bad", "target": "z"}],
    }
    run = run_in_memory(configuration, services=services)
    assert run.status == "FAILED"
    assert (run.error_info.error_type, run.error_info.node_id) == ("StrategyFailed", "bad")
    segments = by_segments(configuration, {"before": 1}, services)
    assert segments.failed
    assert segments.state == {"before": 1}
    assert [entry["status"] for entry in segments.entries] == ["COMPLETED", "FAILED"]


def test_tolerated_failure_keeps_what_succeeded(services) -> None:
    configuration = {
        "node_error_policy": "continue",
        "nodes": [append("a", 1), failing("bad"), append("z", 2)],
        "edges": [{"source": "a", "target": "bad"}, {"source": "bad", "target": "z"}],
    }
    run = run_in_memory(configuration, services=services)
    assert (run.status, run.state) == ("SUCCEEDED", {"seen": [1, 2]})
    assert run.error_info.node_id == "bad"
    segments = by_segments(configuration, {}, services)
    assert (segments.failed, segments.state) == (False, {"seen": [1, 2]})
    assert segments.error_info.node_id == "bad"


GROUP_WITH_FAILURE = {
    "nodes": [append("s", 0), failing("bad"), append("p", 1), append("q", 2)],
    "edges": [{"source": "s", "target": node} for node in ("bad", "p", "q")],
}


def test_failing_branch_fails_the_group_by_default(services) -> None:
    run = run_in_memory(GROUP_WITH_FAILURE, services=services)
    assert run.error_info.error_type == "BranchesFailed"
    assert run.error_info.branch_errors[0]["branch_id"] == "branch_0"
    assert by_segments(GROUP_WITH_FAILURE, {}, services).failed


def test_failing_branch_is_tolerated_by_majority(services) -> None:
    configuration = {**GROUP_WITH_FAILURE, "failure_policy": "fail_on_majority_failure"}
    run = run_in_memory(configuration, services=services)
    assert (run.status, run.state) == ("SUCCEEDED", {"seen": [0, 1, 2]})
    assert by_segments(configuration, {}, services).state == run.state


def test_condition_that_cannot_be_asked_fails_as_a_node_would(services) -> None:
    configuration = {
        "nodes": [append("r", 0), append("a", 1), append("b", 2)],
        "edges": [
            {"source": "r", "target": "a", "condition": "missing < 3"},
            {"source": "r", "target": "b"},
        ],
    }
    run = run_in_memory(configuration, services=services)
    assert run.error_info.error_type == "ExpressionTypeError"
    assert by_segments(configuration, {}, services).error_info.error_type == "ExpressionTypeError"
    tolerant = {**configuration, "node_error_policy": "continue"}
    assert run_in_memory(tolerant, services=services).state == {"seen": [0, 2]}
    assert by_segments(tolerant, {}, services).state == {"seen": [0, 2]}


def test_reserved_keys_steer_and_leave_no_trace(services) -> None:
    def choose(branch):
        sets = {"__router_result": {"selected_branch": branch}}
        return {"id": "r", "type": "operator", "config": {"sets": sets}}

    for branch, expected in (("left", ["a"]), ("right", ["b"])):
        configuration = {
            "nodes": [choose(branch), append("a", "a"), append("b", "b")],
            "edges": [
                {
                    "source": "r",
                    "type": "conditional_edge",
                    "mapping": {"left": "a", "right": "b"},
                }
            ],
        }
        assert run_in_memory(configuration, services=services).state == {"seen": expected}


def test_endless_loop_in_process_reaches_its_limit(services) -> None:
    configuration = {
        "nodes": [append("a", 1)],
        "max_branch_iterations": 5,
        "edges": [
            {"source": "a", "target": "a", "condition": "true", "data": {"isBackEdge": True}}
        ],
    }
    run = by_segments(configuration, {}, services)
    assert run.error_info.error_type == "BranchLoopLimitExceeded"
    assert len(run.entries) == 6


def test_entries_of_a_repeated_run_have_the_same_ids(services) -> None:
    first = by_segments(LOOP, {"n": 0}, services)
    second = by_segments(LOOP, {"n": 0}, services)
    ids = [entry["id"] for entry in first.entries]
    assert ids == [entry["id"] for entry in second.entries]
    assert len(set(ids)) == len(ids)
    assert all(len(each) == 32 for each in ids)


@pytest.mark.parametrize("branches", [[], [{"nodes": []}], [{"nodes": []}, {"nodes": []}]])
def test_group_without_nodes_changes_nothing(services, branches) -> None:
    group = {"id": "g", "type": "parallel", "branches": branches}
    configuration = {
        "nodes": [group, append("z", 1)],
        "edges": [{"source": "g", "target": "z"}],
    }
    assert run_in_memory(configuration, services=services).state == {"seen": [1]}
    assert by_segments(configuration, {}, services).state == {"seen": [1]}
