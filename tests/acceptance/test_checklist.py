"""Contract 13: the compatibility checklist, by the handlers as Lambda calls them."""

import importlib
import inspect
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.integrations.services.local_tables import LocalTables
from tasks.smart_statebag import state_data_manager
from tasks.smart_statebag.aggregate_distributed_results import lambda_handler as aggregate_results
from tasks.smart_statebag.bag.envelopes import compress
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.state_bucket import load_from_s3, state_storage
from tasks.smart_statebag.chunks.tools import ChunkTools, RunSegment
from tasks.smart_statebag.execute_segment import lambda_handler as execute_segment
from tasks.smart_statebag.initialize_state_data import lambda_handler as initialize
from tasks.smart_statebag.process_segment_chunk import process_segment_chunk
from tasks.smart_statebag.store_distributed_task_token import (
    lambda_handler as store_distributed_token,
)
from tests.acceptance.smart_statebag import named, recording_figures
from tests.acceptance.workflows import cut_chain, failing, log
from tests.bags import ARN
from tests.contract_fields import COPIED_BY_DISTRIBUTED, COPIED_BY_STANDARD
from tests.process_services import Offer
from tests.waiting_engine import WaitingEngine

MOVES = {"state_data", "next_action"}
OUTPUTS: dict[str, set[str]] = {
    "sync": MOVES,
    "sync_branch": {"branch_state", "next_action"},
    "aggregate_branches": MOVES,
    "merge_callback": MOVES,
    "merge_async": MOVES,
    "aggregate_distributed": MOVES | {"final_status", "failed_chunks", "post_snapshot"},
    "create_snapshot": {"state_data", "snapshot_s3_path", "snapshot_id"},
}
PUBLIC_NAMES = (
    *("lambda_handler", "update_and_compress_state_data", "sync_state_data", "sync_branch_state"),
    *("aggregate_branches", "merge_callback_result", "merge_async_result", "create_snapshot"),
    *("aggregate_distributed_results", "decompress", "deduplicate_history_logs"),
    *("cached_load_from_s3", "load_from_s3"),
)
NINE_KEYS = {
    *("status", "segment_type", "final_state", "final_state_s3_path", "next_segment_to_run"),
    *("new_history_logs", "error_info", "branches", "inner_partition_map"),
}
BAG_NAMES = {
    *("segment_to_run", "loop_counter", "state_s3_path", "payload_size_kb", "last_update_time"),
    *("idempotency_key", "execution_id"),
}


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_tables: LocalTables) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "states").as_uri())


@pytest.fixture
def bag() -> Any:
    """The bag of a plain workflow after Init."""
    nodes = [log(f"log{number}", "a line") for number in range(2)]
    return started(cut_chain(nodes))


def started(workflow: Any) -> Any:
    given = {"ownerId": "owner", "workflowId": "plain", "MOCK_MODE": "true"}
    event: Any = {"input": {**given, "workflow_config": workflow}, "execution_id": ARN}
    return initialize({**event, "execution_name": "run-1", "machine": "standard"}, None)


def manage(**event: Any) -> Any:
    return state_data_manager.lambda_handler(event)


@pytest.mark.parametrize(("action", "keys"), OUTPUTS.items())
def test_an_action_goes_by_its_name_and_gives_its_keys(
    bag: Any, action: str, keys: set[str]
) -> None:
    branch = {"branch_id": "b", "branch_index": 0, "state_data": bag, "total_segments": 2}
    assert set(manage(action=action, state_data=bag, branch_state=branch)) == keys


def test_decompress_gives_back_what_was_compressed() -> None:
    envelope = compress({"a": [1]}, compressed_at="2026-01-01T00:00:00.000Z")
    assert manage(action="decompress", compressed_data=envelope) == {"a": [1]}


def test_an_unknown_action_is_refused_as_a_value_error(bag: Any) -> None:
    with pytest.raises(ValueError, match="no-such-action"):
        manage(action="no-such-action", state_data=bag)


def test_a_missing_action_is_update_and_compress(bag: Any) -> None:
    assert set(manage(state_data=bag)) == set(manage(action="update_and_compress", state_data=bag))
    assert manage(state_data=bag)["compression_applied"] is False


@pytest.mark.parametrize("nothing", [{}, {"compressed_data": None}, {"compressed_data": ""}])
def test_decompressing_nothing_is_a_value_error(nothing: Any) -> None:
    with pytest.raises(ValueError, match="compressed_data"):
        manage(action="decompress", **nothing)


def test_the_bag_has_its_names(bag: Any) -> None:
    synced = manage(action="sync", state_data=bag, execution_result=executed(bag))
    assert set(synced) == {"state_data", "next_action"}
    assert synced["state_data"].keys() >= BAG_NAMES


def executed(bag: Any) -> Any:
    return execute_segment({"state_data": bag}, None)


def test_a_plain_workflow_begins_with_the_known_values(bag: Any) -> None:
    expected: dict[str, Any] = {
        "segment_to_run": 0,
        "loop_counter": 0,
        "state_history": [],
        "max_loop_iterations": 100,
        "max_branch_iterations": 100,
        "distributed_mode": False,
        "distributed_strategy": "SAFE",
        "max_concurrency": 1,
    }
    assert {name: bag[name] for name in expected} == expected


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_the_public_names_can_be_imported(name: str) -> None:
    assert callable(
        getattr(importlib.import_module("tasks.smart_statebag.state_data_manager"), name)
    )


def test_load_from_s3_takes_both_optional_parameters(bag: Any) -> None:
    parameters = inspect.signature(state_data_manager.load_from_s3).parameters
    assert list(parameters) == ["path", "max_retries", "expected_checksum"]
    assert parameters["max_retries"].default == 3
    assert parameters["expected_checksum"].default is None
    assert load_from_s3(bag["state_s3_path"], 1, None) == {}


def test_a_snapshot_says_that_it_is_pointer_only(bag: Any) -> None:
    taken = manage(action="create_snapshot", state_data=bag)
    snapshot: Any = load_from_s3(taken["snapshot_s3_path"])
    assert snapshot["is_pointer_only"] is True


def test_more_than_five_failures_lie_beside_their_sample(bag: Any) -> None:
    pointers = [
        {"branch_id": f"b{n}", "branch_index": n, "status": "FAILED", "error_type": "Broke"}
        for n in range(6)
    ]
    joined = manage(action="aggregate_branches", state_data=bag, branch_pointers=pointers)
    after = joined["state_data"]
    assert len(after["failed_branches"]) == 5
    everything: Any = load_from_s3(after["failed_branches_s3_path"])
    assert [failed["branch_id"] for failed in everything] == [f"b{n}" for n in range(6)]


def test_execute_segment_always_has_the_nine_keys(bag: Any) -> None:
    failed = executed(started({"nodes": [failing("bad")], "edges": []}))
    assert failed["status"] == "FAILED"
    assert failed.keys() >= NINE_KEYS
    assert executed(bag).keys() >= NINE_KEYS


def test_update_and_compress_gives_every_field_of_both_sets(bag: Any) -> None:
    assert manage(state_data=bag).keys() >= COPIED_BY_STANDARD | COPIED_BY_DISTRIBUTED
    least = {name: bag[name] for name in ("ownerId", "workflowId", "execution_id")}
    assert manage(state_data=least).keys() >= COPIED_BY_STANDARD | COPIED_BY_DISTRIBUTED


def chunk(index: int) -> Any:
    place = {"chunk_id": f"chunk_{index:04d}", "chunk_index": index, "execution_order": index}
    return {**place, "status": "SUCCESS", "processed_segments": 10}


@pytest.mark.parametrize("given", [{"distributed_results": []}, {}, {"distributed_results": "x"}])
def test_no_results_of_chunks_are_a_failure_that_says_so(bag: Any, given: Any) -> None:
    aggregated = aggregate_results({"state_data": bag, **given})
    assert aggregated["status"] == "FAILED"
    assert "no distributed results" in str(aggregated["error"]).lower()


def test_three_chunks_complete(bag: Any) -> None:
    results: Any = [chunk(number) for number in range(3)]
    aggregated = aggregate_results({"state_data": bag, "distributed_results": results})
    assert (aggregated["status"], aggregated["total_chunks"]) == ("COMPLETED", 3)


def test_105_chunks_of_a_list_in_s3_are_1050_segments(bag: Any) -> None:
    results: Any = [chunk(number) for number in range(105)]
    stored = state_storage().write(keys_of(bag).map_results(), results)
    aggregated = aggregate_results({"state_data": bag, "distributed_results_s3_path": stored.path})
    assert (aggregated["successful_chunks"], aggregated["total_segments_processed"]) == (105, 1050)


def test_5000_chunks_take_less_than_two_seconds_of_processor_time(bag: Any) -> None:
    results: Any = [chunk(number) for number in range(5000)]
    began = time.process_time()
    aggregated = aggregate_results({"state_data": bag, "distributed_results": results})
    assert time.process_time() - began < 2
    assert aggregated["successful_chunks"] == 5000


def run_chunk(bag: Any, run_segment: RunSegment) -> Any:
    partition_map: Any = bag["partition_map"]
    stored = state_storage().write(keys_of(bag).partition(), partition_map)
    place: Any = {"chunk_id": "chunk_0000", "chunk_index": 0, "start_segment": 0, "end_segment": 1}
    event: Any = {
        **{"chunk_data": place, "execution_id": ARN, "owner_id": "owner", "workflowId": "plain"},
        "previous_state": {
            "__s3_offloaded": True,
            "__s3_path": bag["state_s3_path"],
            "__original_size_bytes": 2,
            "__original_size_kb": 1,
            "__sha256": None,
        },
        **{"next_segment": 0, "total_segments": 2, "partition_map_s3_path": stored.path},
        "workflow_config_s3_path": bag["workflow_config_s3_path"],
    }
    return process_segment_chunk(event, None, ChunkTools(run_segment=run_segment))


def test_two_complete_segments_complete_a_chunk(bag: Any) -> None:
    def complete(event: Any, context: Any) -> Any:
        return {"status": "COMPLETE", "final_state": {}}

    result = run_chunk(bag, complete)
    assert result["status"] == "COMPLETED"
    assert (result["processed_segments"], result["failed_segments"]) == (2, 0)
    assert len(result["chunk_results"]) == 2


def test_a_crashing_runner_fails_the_chunk_without_an_error(bag: Any) -> None:
    def crash(event: Any, context: Any) -> Any:
        raise RuntimeError("the runner fell over")

    result = run_chunk(bag, crash)
    assert result["status"] == "FAILED"
    assert (result["processed_segments"], result["failed_segments"]) == (0, 1)
    assert result["error"] is None


PARENT = {"parent_execution_id": ARN, "chunk_id": "chunk_0000"}


@pytest.mark.parametrize(
    "event",
    [
        {"ownerId": "owner", "distributed_context": PARENT},
        {"ownerId": "owner", "TaskToken": "token-1", "distributed_context": {}},
    ],
)
def test_a_pause_of_a_chunk_needs_a_token_and_a_parent(event: Any) -> None:
    with pytest.raises(ValueError, match=r"TaskToken|parent_execution_id"):
        store_distributed_token(event)


def test_a_stored_pause_of_a_chunk_answers_with_its_conversation(offer: Offer) -> None:
    offer(engine=WaitingEngine(waiting={"token-1"}))
    event: Any = {"ownerId": "owner", "TaskToken": "token-1", "distributed_context": PARENT}
    assert store_distributed_token(event)["conversation_id"] == ARN


def test_the_legacy_figures_stand_in_their_namespace(bag: Any) -> None:
    with recording_figures() as figures:
        manage(state_data=bag)
    assert {line["namespace"] for line in figures} == {"Workflow/StateDataManager"}
    assert len(named(figures, "PayloadSizeKB", OptimizationType="Initial", unit="Kilobytes")) == 1
    assert len(named(figures, "PayloadSizeKB", OptimizationType="Final", unit="Kilobytes")) == 1
    assert named(figures, "PayloadOptimization", OptimizationType="Applied", unit="Count") == [0]
    assert len(named(figures, "CompressionRatio", unit="Percent")) == 1
