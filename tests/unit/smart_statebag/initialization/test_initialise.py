"""InitializeStateData (Contract 6.1, 2.1)."""

import hashlib

import pytest

from tasks.smart_statebag.bag.envelopes import compress
from tasks.smart_statebag.bag.errors import (
    DuplicateExecution,
    InvalidInput,
    InvalidWorkflowConfig,
    PointerOutOfScope,
    StorageUnavailable,
)
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.sizes import KB, size_of
from tests.contract_fields import AFTER_INIT
from tests.unit.smart_statebag.workflow.graphs import workflow

PLAIN = workflow("a->L->b", llm="L")
MANY = " ".join(f"n{i}" for i in range(12))
UNCONNECTED = workflow("", llm=MANY, alone=MANY)


def stored(start, bag, pointer):
    return Hydrator(bag, start.storage, cached=False).load(pointer)


def test_every_field_is_there_from_the_start(start) -> None:
    assert set(start(workflow_config=PLAIN)) == AFTER_INIT


def test_bag_of_a_plain_workflow(start) -> None:
    bag = start(workflow_config=PLAIN)
    expected = {
        "segment_to_run": 0,
        "loop_counter": 0,
        "state_history": [],
        "max_loop_iterations": 100,
        "max_branch_iterations": 100,
        "distributed_mode": False,
        "distributed_strategy": "SAFE",
        "max_concurrency": 1,
        "total_segments": 3,
        "llm_segments": 1,
        "hitp_segments": 0,
        "idempotency_key": "run-1",
        "quota_reservation_id": "",
        "MOCK_MODE": "false",
        "execution_id": start.arn,
        "workflow_config": None,
        "join_segment": None,
        "failure_policy": "fail_on_any_failure",
        "merge_policy": "last_wins",
        "node_error_policy": "fail",
        "pending_branches": [],
        "failed_branches": [],
        "failed_chunks": [],
        "segment_manifest": [],
        "segment_manifest_s3_path": None,
        "state_durations": {},
        "last_error": None,
        "start_time": 1_700_000_000,
        "last_update_time": 1_700_000_000,
        "current_state": {},
        "input": {"ownerId": "o", "workflowId": "w"},
    }
    assert {name: bag[name] for name in expected} == expected
    assert bag["payload_size_kb"] == -(-size_of(bag) // KB)


def test_objects_lie_below_the_prefix_of_the_execution(start) -> None:
    bag = start(workflow_config=PLAIN)
    digest = hashlib.sha256(start.arn.encode()).hexdigest()[:8]
    prefix = f"s3://bucket/workflow-states/o/w/run-1.{digest}"
    assert bag["state_s3_path"].startswith(f"{prefix}/state/init/0-0/")
    assert bag["workflow_config_s3_path"].startswith(f"{prefix}/config/")


def test_stored_configuration_is_the_normalised_one(start) -> None:
    bag = start(workflow_config={"nodes": [{"id": "a", "type": "GPT"}]})
    stored_nodes = stored(start, bag, bag["workflow_config_s3_path"])["nodes"]
    assert stored_nodes[0]["type"] == "llm_chat"


def test_event_with_other_keys_is_the_input_itself(start) -> None:
    event = {"ownerId": "o", "workflowId": "w", "execution_id": start.arn, "workflow_config": PLAIN}
    assert start.event(event)["idempotency_key"] == "run-1"


@pytest.mark.parametrize(
    "event",
    [
        "text",
        {"input": None, "execution_id": "e"},
        {"input": {"workflowId": "w"}, "execution_id": "e"},
        {"input": {"ownerId": "o", "workflowId": 5}, "execution_id": "e"},
        {"input": {"ownerId": "o", "workflowId": "w"}},
        {"input": {"ownerId": "o", "workflowId": "w"}, "execution_id": "e", "machine": "big"},
    ],
)
def test_event_without_what_it_needs_is_refused(start, event) -> None:
    with pytest.raises(InvalidInput):
        start.event(event)


def test_configuration_comes_from_the_first_source_that_has_one(start) -> None:
    def named(name):
        return workflow(name)

    def first_node(bag):
        return bag["partition_map"][0]["node_ids"][0]

    start.rows["o", "w"] = {"config": named("table"), "partition_map": None}
    assert first_node(start()) == "table"
    path = start(workflow_config=named("stored"))["workflow_config_s3_path"]
    assert first_node(start(workflow_config_s3_path=path)) == "stored"
    both = {"workflow_config": named("given"), "workflow_config_s3_path": path}
    assert first_node(start(**both)) == "given"
    test = {**both, "test_workflow_config": named("test")}
    assert first_node(start(**test)) == "given"
    assert first_node(start(**test, MOCK_MODE="true")) == "test"
    packed = compress(named("packed"), compressed_at="")
    assert first_node(start(workflow_config=packed)) == "packed"


@pytest.mark.parametrize("row", [None, {}, {"config": {"nodes": []}}, {"config": "text"}])
def test_no_configuration_is_an_invalid_one(start, row) -> None:
    if row is not None:
        start.rows["o", "w"] = row
    with pytest.raises(InvalidWorkflowConfig):
        start()


def test_pointer_of_another_owner_is_not_followed(start) -> None:
    path = start(workflow_config=PLAIN, ownerId="p")["workflow_config_s3_path"]
    with pytest.raises(PointerOutOfScope):
        start(workflow_config_s3_path=path)


def test_values_of_the_execution_win_in_the_initial_state(start) -> None:
    path = start(workflow_config=PLAIN, initial_state={"a": 1, "b": 1})["state_s3_path"]
    configuration = {**PLAIN, "initial_state_s3_path": path, "initial_state": {"b": 2, "c": 2}}
    given = {"initial_state": {"c": 3, "__resume": {"segment": 0}}}
    bag = start(workflow_config=configuration, **given)
    assert bag["current_state"] == {"a": 1, "b": 2, "c": 3}
    assert stored(start, bag, bag["state_s3_path"]) == bag["current_state"]


def test_input_keeps_only_what_is_not_elsewhere(start) -> None:
    bag = start(workflow_config=PLAIN, initial_state={"x": 1}, ticket=7)
    assert bag["input"] == {"ownerId": "o", "workflowId": "w", "ticket": 7}


def test_large_fields_are_pointers(start) -> None:
    text = "가" * 11 * KB
    configuration = workflow("a->L->b", llm="L")
    configuration["nodes"][1]["config"]["prompt_content"] = text
    bag = start(workflow_config=configuration, initial_state={"t": text}, note=text)
    assert bag["current_state"]["__s3_path"] == bag["state_s3_path"]
    assert bag["input"]["type"] == "s3_reference"
    assert bag["partition_map"] is None
    assert len(stored(start, bag, bag["partition_map_s3_path"])) == 3
    assert size_of(bag) < 8 * KB


def test_batched_workflow_has_a_manifest_and_a_stored_map(start) -> None:
    bag = start(workflow_config=UNCONNECTED)
    assert (bag["distributed_strategy"], bag["max_concurrency"]) == ("BATCHED", 10)
    assert bag["partition_map"] is None
    assert [item["segment_id"] for item in bag["segment_manifest"]] == list(range(12))
    assert bag["segment_manifest"][0]["segment_config"]["node_ids"] == ["n0"]
    assert bag["segment_manifest_s3_path"] is None


def test_large_manifest_travels_without_its_entries(start) -> None:
    configuration = workflow("", llm=MANY, alone=MANY)
    for node in configuration["nodes"]:
        node["config"]["prompt_content"] = "p" * 3 * KB
    bag = start(workflow_config=configuration)
    assert [item["segment_config"] for item in bag["segment_manifest"]] == [None] * 12
    whole = stored(start, bag, bag["segment_manifest_s3_path"])
    assert whole[11]["segment_config"]["node_ids"] == ["n11"]


def test_distributed_machine_has_no_manifest_but_a_stored_map(start) -> None:
    bag = start("distributed", workflow_config=UNCONNECTED)
    assert (bag["segment_manifest"], bag["distributed_strategy"]) == ([], "BATCHED")
    asked = start("distributed", workflow_config=PLAIN, distributed_mode=True)
    assert asked["distributed_mode"] is True
    assert asked["partition_map"] is None
    assert asked["partition_map_s3_path"] is not None


def test_given_map_is_taken_as_it_is(start) -> None:
    own = start(workflow_config=workflow("x->L", llm="L"))["partition_map"]
    bag = start(workflow_config=PLAIN, partition_map=own)
    assert bag["partition_map"] == own
    broken = [{**own[0], "default_next": 9}, own[1]]
    with pytest.raises(InvalidWorkflowConfig):
        start(workflow_config=PLAIN, partition_map=broken)
    tested = start(test_workflow_config=PLAIN, partition_map=own, MOCK_MODE="true")
    assert tested["total_segments"] == 3


def test_map_of_the_table_belongs_to_its_configuration(start) -> None:
    own = start(workflow_config=workflow("x->L", llm="L"))["partition_map"]
    start.rows["o", "w"] = {"config": PLAIN, "partition_map": own}
    assert start()["total_segments"] == 2
    assert start(workflow_config=PLAIN)["total_segments"] == 3


def test_limits_and_policies_are_configured_or_follow_from_the_map(start) -> None:
    chain = "->".join(f"n{i}" for i in range(70))
    bag = start(workflow_config=workflow(chain, llm=chain.replace("->", " ")))
    assert (bag["max_loop_iterations"], bag["max_branch_iterations"]) == (140, 100)
    configured = {
        **PLAIN,
        "max_loop_iterations": 7,
        "max_branch_iterations": 8,
        "failure_policy": "fail_on_all_failure",
        "merge_policy": "error",
        "node_error_policy": "continue",
    }
    bag = start(workflow_config=configured)
    assert (bag["max_loop_iterations"], bag["max_branch_iterations"]) == (7, 8)
    assert bag["failure_policy"] == "fail_on_all_failure"
    assert (bag["merge_policy"], bag["node_error_policy"]) == ("error", "continue")


def test_light_config_is_the_summary(start) -> None:
    configuration = {**workflow("s->p->m, s->q->m"), "execution_mode": "careful"}
    assert start(workflow_config=configuration)["light_config"] == {
        "workflow_id": "w",
        "execution_mode": "careful",
        "node_count": 4,
        "distributed_mode": False,
        "distributed_strategy": "SAFE",
        "llm_segments": 0,
        "hitp_segments": 0,
        "max_concurrency": 2,
    }


def test_key_of_the_input_is_claimed(start) -> None:
    assert start(workflow_config=PLAIN, idempotency_key="k")["idempotency_key"] == "k"
    start(workflow_config=PLAIN)
    start(test_workflow_config=PLAIN, MOCK_MODE="true", idempotency_key="mocked")
    assert start.claimed == ["k"]


def test_key_of_another_execution_is_a_duplicate(start) -> None:
    start.held_by = "arn:other"
    with pytest.raises(DuplicateExecution):
        start(workflow_config=PLAIN, idempotency_key="k")


def test_unreachable_table_stops_all_but_unsafe_executions(start) -> None:
    start.reachable = False
    with pytest.raises(StorageUnavailable):
        start(workflow_config=PLAIN, idempotency_key="k")
    unsafe = {"idempotency_key": "k", "ALLOW_UNSAFE_EXECUTION": True}
    assert start(workflow_config=PLAIN, **unsafe)["idempotency_key"] == "k"


def test_configuration_is_refused_before_anything_is_written(start, tmp_path) -> None:
    with pytest.raises(InvalidWorkflowConfig):
        start(workflow_config={"nodes": [{"id": "a", "type": "odd"}]}, idempotency_key="k")
    assert start.claimed == []
    assert list(tmp_path.rglob("*.json")) == []
