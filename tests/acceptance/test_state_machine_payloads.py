"""Contract 4.2, 5.1, 8, 9.1 and 10.5: what functions, events and the end of an execution get."""

from typing import Any

import pytest

from tests.acceptance.state_machine_documents import Place, names_in, place, places
from tests.contract_fields import (
    AGGREGATOR,
    BRANCH_BAG,
    CHUNK_RESULT,
    ES_RESULT,
    LEGACY_BRANCH,
    LEGACY_MAIN,
    RS_ES,
    STRATEGY_ITEM,
    fields,
)

every_file = pytest.mark.parametrize("code", "ABCD")

BRANCH_BAG_IDS = fields("ownerId workflowId execution_id idempotency_key MOCK_MODE")
SYNCED_BRANCH = fields(
    """state_data segment_to_run partition_map partition_map_s3_path total_segments branch_id
    branch_index loop_counter logs_s3_path allow_pause allow_async"""
)
WHOLE_BRANCH = fields("state_data branch_config branch_index allow_pause allow_async")
RESUME = fields("callback_result previous")
CHUNK = fields("state_data chunk_item chunk_index result_prefix independent_mode")
CHUNK_B = fields(
    """chunk_data owner_id workflowId execution_id workflow_config_s3_path partition_map_s3_path
    state_bucket total_segments MOCK_MODE"""
)
PREPARE = fields("state_data chunk_size max_chunks state_bucket")
PAUSE = fields("TaskToken execution_id execution_name state_data")

# File, Map around it, state -> function, fields of its payload.
CALLS: dict[tuple[str, str | None, str], tuple[str, frozenset[str]]] = {
    ("A", None, "ExecuteSegment"): ("ExecuteSegmentArn", LEGACY_MAIN),
    ("B", None, "ExecuteSegment"): (
        "ExecuteSegmentArn",
        LEGACY_MAIN | fields("workflow_config current_state allow_async"),
    ),
    ("A", "ProcessParallelSegments", "ExecuteBranchSegment"): (
        "ExecuteSegmentArn",
        LEGACY_BRANCH | fields("allow_pause allow_async"),
    ),
    ("A", None, "AggregateParallelResults"): ("SegmentRunnerArn", AGGREGATOR),
    ("A", None, "AggregateParallelResultsFromError"): (
        "SegmentRunnerArn",
        AGGREGATOR | {"map_error"},
    ),
    ("B", None, "AggregateParallelResults"): ("SegmentRunnerArn", AGGREGATOR),
    ("C", None, "ExecuteSegment"): ("ExecuteSegmentArn", fields("state_data")),
    ("D", None, "ExecuteSegment"): ("ExecuteSegmentArn", fields("state_data allow_async")),
    ("C", "ProcessParallelBranches", "ExecuteBranchSegment"): ("ExecuteSegmentArn", SYNCED_BRANCH),
    ("D", "ProcessParallelBranches", "ExecuteBranchWithHydration"): (
        "ExecuteBranchArn",
        WHOLE_BRANCH,
    ),
    ("D", "ProcessParallelBranches", "ResumeBranchAfterCallback"): (
        "ExecuteBranchArn",
        WHOLE_BRANCH | RESUME | {"resume_mode"},
    ),
    ("B", "ExecuteDistributedSegments", "ProcessSegmentChunk"): (
        "ProcessSegmentChunkArn",
        CHUNK_B | fields("previous_state next_segment"),
    ),
    ("B", "ExecuteDistributedSegments", "ResumeChunkAfterCallback"): (
        "ResumeChunkProcessingArn",
        CHUNK_B | fields("chunk_result callback_result paused_segment_id idempotency_key"),
    ),
    ("D", "ExecuteDistributedChunks", "ProcessChunkWithHydration"): (
        "ProcessSegmentChunkArn",
        CHUNK,
    ),
    ("D", "ExecuteDistributedChunks", "ResumeChunkAfterCallback"): (
        "ProcessSegmentChunkArn",
        CHUNK | RESUME | {"resume_from_segment"},
    ),
    ("B", None, "PrepareDistributedExecution"): ("PrepareDistributedExecutionArn", PREPARE),
    ("D", None, "PrepareDistributedExecution"): (
        "PrepareDistributedExecutionArn",
        PREPARE | {"assign_independent_paths"},
    ),
    ("C", None, "WaitForHITPCallback"): ("StoreTaskTokenArn", PAUSE),
    ("D", None, "WaitForCallback"): ("StoreTaskTokenArn", PAUSE),
    ("C", "ProcessParallelBranches", "WaitForBranchCallback"): (
        "StoreTaskTokenArn",
        PAUSE | fields("scope segment_to_run loop_counter"),
    ),
    ("C", None, "WaitForAsyncLLMCallback"): (
        "AsyncLLMHandlerArn",
        fields("TaskToken execution_id state_data"),
    ),
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}-{call[2]}")
def test_a_function_gets_the_fields_of_its_call_site(call: tuple[str, str | None, str]) -> None:
    code, around, name = call
    p = place(code, name, inside=around)
    assert (p.function, names_in(p.payload)) == CALLS[call]


def test_only_main_loops_of_standard_machines_may_leave_a_model_to_answer_later() -> None:
    later = {
        (code, p.name)
        for code in "ABCD"
        for p in places(code)
        if p.function in ("ExecuteSegmentArn", "ExecuteBranchArn")
        and isinstance(p.payload, dict)
        and p.payload.get("allow_async") is not False
    }
    assert later == {("A", "ExecuteSegment"), ("C", "ExecuteSegment")}


@pytest.mark.parametrize("code", "AC")
def test_strategy_maps_hand_each_item_on_whole(code: str) -> None:
    for mode, name in {
        "MAP_REDUCE": "ExecuteMapReduceMode",
        "BATCHED": "ExecuteBatchedMode",
    }.items():
        state = place(code, name).state
        states = list(state["ItemProcessor"]["States"].values())
        assert [s["Parameters"]["Payload.$"] for s in states] == ["$"]
        assert state["ItemSelector"]["execution_mode"] == mode
        assert names_in(state["ItemSelector"]) == STRATEGY_ITEM | (
            {"state_data"}
            if code == "C"
            else fields(
                "workflow_config_s3_path state_s3_path total_segments partition_map_s3_path"
            )
            | BRANCH_BAG_IDS
        )


# Which actions of StateDataManager the states call; A and B know none of v3's.
ACTIONS = {
    "A": {"UpdateStateData": "update_and_compress"},
    "B": {"UpdateStateData": "update_and_compress"},
    "C": {
        "SyncStateData": "sync",
        "SyncBranchState": "sync_branch",
        "AggregateParallelResults": "aggregate_branches",
        "AggregateDistributedResults": "aggregate_distributed",
        "MergeCallbackResult": "merge_callback",
        "MergeAsyncResult": "merge_async",
    },
    "D": {
        "SyncStateData": "sync",
        "AggregateParallelResults": "aggregate_branches",
        "AggregateDistributedResults": "aggregate_distributed",
        "MergeCallbackResult": "merge_callback",
        "CreatePreSnapshot": "create_snapshot",
    },
}


@every_file
def test_state_data_manager_is_called_with_the_actions_of_the_table(code: str) -> None:
    calls = [p for p in places(code) if p.function == "StateDataManagerArn"]
    assert {p.name: p.payload["action"] for p in calls} == ACTIONS[code]


@pytest.mark.parametrize("code", "CD")
def test_every_action_but_the_snapshot_replaces_the_whole_data(code: str) -> None:
    calls = [p for p in places(code) if p.function == "StateDataManagerArn"]
    assert len(calls) == len(ACTIONS[code])
    for p in calls:
        snapshot = p.name == "CreatePreSnapshot"
        assert p.state["ResultPath"] == ("$.pre_snapshot" if snapshot else "$"), p.name


@pytest.mark.parametrize(("code", "more"), [("A", ""), ("B", ""), ("C", "v3"), ("D", "v3")])
def test_the_main_loop_takes_the_nine_keys_and_what_goes_with_them(code: str, more: str) -> None:
    selector = place(code, "ExecuteSegment").state["ResultSelector"]
    if more:
        expected = RS_ES | fields("segment_id join_segment execution_time")
        assert list(selector) == ["result"]
        assert names_in(selector["result"]) == expected
    else:
        assert names_in(selector) == RS_ES


def test_maps_of_d_seed_a_whole_result_that_says_it_is_running() -> None:
    chunk = place("D", "ExecuteDistributedChunks").state["ItemSelector"]["chunk_result"]["delta"]
    branch = place("D", "ProcessParallelBranches").state["ItemSelector"]["branch_result"]["delta"]
    counts = dict.fromkeys(("processed_segments", "segments_processed", "failed_segments"), 0)
    assert chunk == {**dict.fromkeys(CHUNK_RESULT), **counts, "status": "RUNNING"}
    assert branch == {**dict.fromkeys(ES_RESULT), "status": "RUNNING"}


def test_a_branch_of_c_starts_with_the_whole_branch_state() -> None:
    state = place("C", "ProcessParallelBranches").state["ItemSelector"]["branch_state"]
    assert names_in(state) == fields(
        """branch_id branch_index execution_order segment_to_run loop_counter total_segments
        partition_map partition_map_s3_path logs_s3_path status error_info state_data"""
    )
    assert names_in(state["state_data"]) == BRANCH_BAG
    fixed = {
        name: value for name, value in state.items() if name != "state_data" and ".$" not in name
    }
    assert fixed == {
        "segment_to_run": 0,
        "loop_counter": 0,
        "logs_s3_path": None,
        "status": "RUNNING",
        "error_info": {"Error": "UnknownError"},
    }


LAST = {
    ("A", "BranchComplete"): """branch_id branch_index execution_order branch_status final_state
        final_state_s3_path new_history_logs logs_s3_path error_info branch_executed""",
    ("B", "ChunkCompleted"): """chunk_id chunk_index execution_order status final_state_s3_path
        logs_s3_path processed_segments failed_segments error_type""",
    ("C", "BranchComplete"): """branch_id branch_index execution_order status s3_path logs_s3_path
        error_type""",
    ("C", "HandleBranchError"): """branch_id branch_index execution_order status s3_path
        logs_s3_path error_type""",
    ("D", "ChunkComplete"): """chunk_id chunk_index execution_order status result_s3_path
        logs_s3_path segments_processed execution_time error""",
    ("D", "BranchComplete"): """branch_id branch_index execution_order status result_s3_path
        logs_s3_path error_type""",
}


@pytest.mark.parametrize(("code", "name"), LAST)
def test_the_last_state_inside_a_map_shapes_the_item(code: str, name: str) -> None:
    state = next(p.state for p in places(code) if p.name == name)
    assert state["End"] is True
    assert names_in(state["Parameters"]) == fields(LAST[code, name])


IDS = "status execution_id ownerId workflowId "
LEGACY_OUTPUT = (
    IDS
    + """final_state final_state_s3_path state_s3_path execution_result loop_counter
    max_loop_iterations llm_segments hitp_segments start_time state_durations total_segments"""
)
OUTPUTS = {
    "A": (15, LEGACY_OUTPUT),
    "B": (15, LEGACY_OUTPUT),
    "C": (
        10,
        IDS
        + "final_state_s3_path total_segments loop_counter start_time llm_segments hitp_segments",
    ),
    "D": (8, IDS + "final_state_s3_path total_segments loop_counter distributed_execution"),
}


@every_file
def test_the_output_has_the_keys_of_the_contract(code: str) -> None:
    output = place(code, "PrepareSuccessOutput").state
    size, names = OUTPUTS[code]
    assert names_in(output["Parameters"]) == fields(names)
    assert len(output["Parameters"]) == size
    assert output["Parameters"]["status"] == "SUCCEEDED"
    assert "ResultPath" not in output


@pytest.mark.parametrize(("code", "count"), [("A", 3), ("B", 4), ("C", 8), ("D", 8)])
def test_the_whole_bag_goes_only_where_it_may(code: str, count: int) -> None:
    allowed = fields(
        """ExecuteSegmentArn StateDataManagerArn StoreTaskTokenArn PrepareDistributedExecutionArn
        AsyncLLMHandlerArn MergeCallbackArn"""
    )
    given = [p for p in places(code) if p.map is None and p.function and _holds_the_bag(p)]
    assert len(given) == count
    for p in given:
        assert p.function in allowed, p.name


def _holds_the_bag(p: Place) -> bool:
    payload: Any = p.payload
    return isinstance(payload, dict) and payload.get("state_data.$") == "$.state_data"
