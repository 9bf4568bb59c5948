"""Contract 10.3 and 10.6 to 10.9: what states retry, fan out over and hand to functions."""

from typing import Any

import pytest

from tests.acceptance.state_machine_documents import Place, names_in, place, places
from tests.contract_fields import (
    BRANCH_BAG,
    COPIED_BY_DISTRIBUTED,
    COPIED_BY_STANDARD,
    DISTRIBUTED_BAG,
    LEGACY_BRANCH,
    NON_RETRYABLE,
    STANDARD_BAG,
)

every_file = pytest.mark.parametrize("code", "ABCD")

LAMBDA = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
}
DYNAMODB = {
    "DynamoDB.ServiceException",
    "DynamoDB.ThrottlingException",
    "DynamoDB.ProvisionedThroughputExceededException",
    "States.TaskFailed",
}
# Code -> errors, interval, attempts, backoff, jitter, most seconds.
RETRIERS: dict[str, tuple[Any, ...]] = {
    "N": (NON_RETRYABLE, None, 0, None, None, None),
    "L": (LAMBDA, 2, 6, 2.0, "FULL", 60),
    "M": (LAMBDA, 5, 10, 2.0, "FULL", 60),
    "S": ({"StorageUnavailable", "IntegrityError"}, 2, 4, 2.0, "FULL", None),
    "F": ({"States.TaskFailed"}, 2, 3, 2.0, None, None),
    "D": (DYNAMODB, 2, 3, 2.0, None, None),
    "E": ({"States.TaskFailed"}, 1, 2, 2.0, None, None),
}
STRATEGY_RUNNERS = {
    "MapReduceSegmentRunner",
    "BatchedSegmentRunner",
    "MapReduceRunner",
    "BatchedRunner",
}


def expected_retriers(p: Place) -> str:
    """The codes of 10.3 for a Task."""
    if p.resource == "dynamodb:getItem":
        return "D"
    if p.resource == "events:putEvents":
        return "E"
    assert p.resource.removesuffix(".waitForTaskToken") == "lambda:invoke"
    if p.name == "ExecuteSegment":
        return "NLSF"
    return "MS" if p.name in STRATEGY_RUNNERS else "LS"


@every_file
def test_every_task_retries_as_the_table_says(code: str) -> None:
    for p in places(code):
        retriers = [
            (
                set(retrier["ErrorEquals"]),
                retrier.get("IntervalSeconds"),
                retrier["MaxAttempts"],
                retrier.get("BackoffRate"),
                retrier.get("JitterStrategy"),
                retrier.get("MaxDelaySeconds"),
            )
            for retrier in p.state.get("Retry", [])
        ]
        codes = expected_retriers(p) if p.state["Type"] == "Task" else ""
        assert retriers == [RETRIERS[letter] for letter in codes], p.name


def test_field_sets_have_the_sizes_of_the_contract() -> None:
    sizes = [
        len(fields)
        for fields in (
            COPIED_BY_STANDARD,
            COPIED_BY_DISTRIBUTED,
            STANDARD_BAG,
            DISTRIBUTED_BAG,
            LEGACY_BRANCH,
            BRANCH_BAG,
        )
    ]
    assert sizes == [25, 24, 27, 27, 18, 16]


@pytest.mark.parametrize(("code", "top"), [("A", STANDARD_BAG), ("B", DISTRIBUTED_BAG)])
def test_every_pass_that_writes_the_bag_writes_its_whole_set(
    code: str, top: frozenset[str]
) -> None:
    writers = [p for p in places(code) if p.state.get("ResultPath") == "$.state_data"]
    passes = [p for p in writers if p.state["Type"] == "Pass"]
    assert len(passes) == {"A": 7, "B": 2}[code]
    for p in passes:
        assert names_in(p.state["Parameters"]) == (LEGACY_BRANCH if p.map else top), p.name


@pytest.mark.parametrize(
    ("code", "init", "update"),
    [
        ("A", STANDARD_BAG | {"input"}, STANDARD_BAG | {"payload_size_kb", "compression_applied"}),
        ("B", DISTRIBUTED_BAG | {"input"}, DISTRIBUTED_BAG),
    ],
)
def test_legacy_tasks_that_write_the_bag_select_the_sets(
    code: str, init: frozenset[str], update: frozenset[str]
) -> None:
    selected = place(code, "InitializeStateData").state["ResultSelector"]["state_data"]
    assert names_in(selected) == init
    assert names_in(place(code, "UpdateStateData").state["ResultSelector"]) == update


@pytest.mark.parametrize(("code", "fields"), [("A", STANDARD_BAG), ("B", DISTRIBUTED_BAG)])
def test_a_field_of_the_bag_that_is_not_changed_is_copied_from_itself(
    code: str, fields: frozenset[str]
) -> None:
    for p in places(code):
        if p.state["Type"] == "Pass" and p.state.get("ResultPath") == "$.state_data" and not p.map:
            template = p.state["Parameters"]
            copied = {f for f in fields if template.get(f"{f}.$") == f"$.state_data.{f}"}
            assert fields - copied == CHANGED[code, p.name], p.name


CHANGED = {
    ("A", "PrepareSequentialBranch"): {
        "partition_map",
        "partition_map_s3_path",
        "total_segments",
        "state_s3_path",
        "segment_to_run",
        "loop_counter",
    },
    ("A", "UpdateStateDataFallback"): {"state_s3_path"},
    ("A", "UpdateSegmentToRun"): {"segment_to_run", "loop_counter"},
    ("A", "ApplyMergedState"): {"state_s3_path", "state_history", "segment_to_run"},
    ("B", "PrepareNextSegment"): {
        "segment_to_run",
        "state_s3_path",
        "current_state",
        "loop_counter",
    },
    ("B", "ApplyMergedState"): {
        "state_s3_path",
        "current_state",
        "state_history",
        "segment_to_run",
    },
}


@pytest.mark.parametrize(
    ("code", "name", "where"),
    [
        ("C", "ExecuteMapReduceMode", None),
        ("C", "ExecuteBatchedMode", None),
        ("C", "ProcessParallelBranches", "branch_state"),
        ("D", "ExecuteDistributedChunks", None),
        ("D", "ProcessParallelBranches", None),
    ],
)
def test_maps_of_v3_hand_out_the_branch_bag(code: str, name: str, where: str | None) -> None:
    selector = place(code, name).state["ItemSelector"]
    bag = (selector[where] if where else selector)["state_data"]
    assert names_in(bag) == BRANCH_BAG
    assert bag["group_loop.$"] == "$.state_data.loop_counter"


@every_file
def test_maps_use_item_processors_and_selectors(code: str) -> None:
    for p in places(code):
        if p.state["Type"] == "Map":
            assert p.state["ItemProcessor"]["ProcessorConfig"]["Mode"] == MAPS[code, p.name][0]
            assert "ItemSelector" in p.state
            assert "Iterator" not in p.state
            assert _shape(p) == MAPS[code, p.name], p.name


def _shape(p: Place) -> tuple[Any, ...]:
    state = p.state
    config = state["ItemProcessor"]["ProcessorConfig"]
    items = state.get("ItemsPath") or state["ItemReader"]["ReaderConfig"]["InputType"]
    most = state.get("MaxConcurrencyPath") or state["MaxConcurrency"]
    tolerated = state.get("ToleratedFailureCount", state.get("ToleratedFailurePercentage"))
    return (config["Mode"], items, most, tolerated, state["ResultPath"])


MOST = "$.state_data.max_concurrency"
MANIFEST, BRANCHES = "$.state_data.segment_manifest", "$.execution_result.branches"
PENDING = "$.state_data.pending_branches"
MAPS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("A", "ExecuteMapReduceMode"): ("INLINE", MANIFEST, MOST, None, "$.map_reduce_results"),
    ("A", "ExecuteBatchedMode"): ("INLINE", MANIFEST, MOST, None, "$.batched_results"),
    ("A", "ProcessParallelSegments"): ("INLINE", BRANCHES, MOST, None, "$.parallel_results"),
    ("B", "ExecuteDistributedSegments"): ("DISTRIBUTED", "JSON", 1, 0, "$.distributed_results"),
    ("B", "ProcessParallelSegmentsDistributed"): (
        "DISTRIBUTED",
        BRANCHES,
        1,
        None,
        "$.parallel_results",
    ),
    ("C", "ExecuteMapReduceMode"): ("INLINE", MANIFEST, MOST, None, "$.execution_result"),
    ("C", "ExecuteBatchedMode"): ("INLINE", MANIFEST, MOST, None, "$.execution_result"),
    ("C", "ProcessParallelBranches"): ("INLINE", PENDING, MOST, None, "$.parallel_results"),
    ("D", "ExecuteDistributedChunks"): ("DISTRIBUTED", "JSON", 100, 10, "$.distributed_results"),
    ("D", "ProcessParallelBranches"): ("DISTRIBUTED", PENDING, MOST, None, "$.parallel_results"),
}


@pytest.mark.parametrize(
    ("code", "name"), [("B", "ExecuteDistributedSegments"), ("D", "ExecuteDistributedChunks")]
)
def test_chunks_are_read_from_and_written_to_the_state_bucket(code: str, name: str) -> None:
    state = place(code, name).state
    assert state["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
    assert state["ItemReader"]["Parameters"] == {
        "Bucket.$": "$.distributed_config.chunks_bucket",
        "Key.$": "$.distributed_config.chunks_key",
    }
    assert state["ResultWriter"]["Resource"] == "arn:aws:states:::s3:putObject"
    assert state["ResultWriter"]["Parameters"] == {
        "Bucket": "${WorkflowStateBucket}",
        "Prefix.$": "$.distributed_config.result_writer_prefix",
    }
    tolerates = "ToleratedFailureCount" if code == "B" else "ToleratedFailurePercentage"
    assert tolerates in state
