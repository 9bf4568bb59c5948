"""AggregateDistributedResults, of chunks and of strategy Maps (Contract 8.3)."""

import json
import time

import pytest

from tasks.smart_statebag.bag.envelopes import kind_of
from tasks.smart_statebag.bag.errors import AggregationFailed, InvalidInput, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock
from tests.unit.smart_statebag.distributed.desk import BASE, ChunkDesk, open_desk
from tests.unit.smart_statebag.distributed.workflows import unconnected

KEYS = {
    "status",
    "final_state",
    "final_state_s3_path",
    "new_history_logs",
    "error_info",
    "total_segments_processed",
    "total_chunks",
    "successful_chunks",
    "failed_chunks",
    "paused_chunks",
    "execution_summary",
    "failed_chunk_details",
    "error",
}


@pytest.fixture
def desk(storage: StateStorage, clock: FakeClock) -> ChunkDesk:
    return open_desk(unconnected(6), storage, clock)


def chunk(index: int, status: Json = "SUCCESS", **fields: Json) -> JsonObject:
    return {
        "chunk_id": f"chunk_{index:04d}",
        "chunk_index": index,
        "execution_order": index,
        "status": status,
        "processed_segments": 10,
        **fields,
    }


def state(desk: ChunkDesk, value: JsonObject) -> str:
    return desk.storage.write(keys_of(desk.bag).chunk_states("chunk_0000"), value).path


def logs(desk: ChunkDesk, *entries: Json) -> str:
    return desk.storage.write(keys_of(desk.bag).logs("chunk/c"), list(entries)).path


def descriptor(desk: ChunkDesk, chunks: list[JsonObject]) -> JsonObject:
    """What a ResultWriter leaves for these chunks, all of whose children succeeded."""
    prefix = keys_of(desk.bag).map_results()
    records: list[Json] = [{"Input": "{}", "Output": json.dumps(each)} for each in chunks]
    desk.storage.write_named(f"{prefix}/run/SUCCEEDED_0.json", records)
    manifest: JsonObject = {
        "DestinationBucket": "states",
        "MapRunArn": "arn",
        "ResultFiles": {
            "SUCCEEDED": [{"Key": f"{prefix}/run/SUCCEEDED_0.json", "Size": 1}],
            "FAILED": [],
            "PENDING": [],
        },
    }
    desk.storage.write_named(f"{prefix}/run/manifest.json", manifest)
    details: JsonObject = {"Bucket": "states", "Key": f"{prefix}/run/manifest.json"}
    return {"MapRunArn": "arn", "ResultWriterDetails": details}


def test_three_chunks_with_success_are_completed(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate([chunk(0), chunk(1), chunk(2)])

    assert aggregated["status"] == "COMPLETED"
    assert aggregated["total_chunks"] == 3
    assert aggregated["successful_chunks"] == 3
    assert aggregated["error"] is None
    assert aggregated.keys() >= KEYS


@pytest.mark.parametrize("results", [[], None, "text", 7, {"unexpected": 1}])
def test_no_chunks_or_a_malformed_list_fail_and_say_so(desk: ChunkDesk, results: Json) -> None:
    aggregated = desk.aggregate(results)

    assert aggregated["status"] == "FAILED"
    assert "No distributed results" in str(aggregated["error"])
    assert aggregated.keys() >= KEYS


def test_a_malformed_manifest_fails_and_says_so(desk: ChunkDesk) -> None:
    path = desk.storage.write(keys_of(desk.bag).map_results(), {"no": "files"}).path
    key = path.removeprefix("s3://states/")

    aggregated = desk.aggregate({"ResultWriterDetails": {"Bucket": "states", "Key": key}})

    assert aggregated["status"] == "FAILED"
    assert "No distributed results" in str(aggregated["error"])


def test_a_list_in_another_owners_prefix_fails(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate(
        None, distributed_results_s3_path="s3://states/workflow-states/somebody-else/list.json"
    )

    assert aggregated["status"] == "FAILED"


def test_storage_that_does_not_answer_is_raised_for_the_retrier(desk: ChunkDesk) -> None:
    missing = desk.storage.pointer(f"{keys_of(desk.bag).map_results()}/gone.json")

    with pytest.raises(StorageUnavailable):
        desk.aggregate(None, distributed_results_s3_path=missing)


def test_105_chunks_of_a_list_in_s3_are_counted_with_their_segments(desk: ChunkDesk) -> None:
    chunks: list[Json] = [chunk(index) for index in range(105)]
    path = desk.storage.write(keys_of(desk.bag).map_results(), chunks).path

    aggregated = desk.aggregate(None, distributed_results_s3_path=path)

    assert aggregated["successful_chunks"] == 105
    assert aggregated["total_segments_processed"] == 1050


def test_the_results_of_a_result_writer_are_read_from_its_manifest(desk: ChunkDesk) -> None:
    last = state(desk, {"sequence": [1]})

    aggregated = desk.aggregate(descriptor(desk, [chunk(1, final_state_s3_path=last), chunk(0)]))

    assert (aggregated["status"], aggregated["total_chunks"]) == ("COMPLETED", 2)
    assert aggregated["final_state_s3_path"] == last


def test_5000_records_are_aggregated_in_less_than_2_seconds_of_processor_time(
    desk: ChunkDesk,
) -> None:
    results = descriptor(desk, [chunk(index) for index in range(5000)])
    began = time.process_time()

    aggregated = desk.aggregate(results)

    assert time.process_time() - began < 2
    assert aggregated["total_segments_processed"] == 50_000


def test_the_state_is_that_of_the_last_chunk_in_order(desk: ChunkDesk) -> None:
    first = state(desk, {"last": 9})
    last = state(desk, {"last": 10})

    aggregated = desk.aggregate(
        [
            chunk(10, "COMPLETED", final_state_s3_path=last),
            chunk(9, "COMPLETED", final_state_s3_path=first),
        ]
    )

    assert aggregated["final_state"] == {"last": 10}
    assert aggregated["final_state_s3_path"] == last


def test_a_state_above_30_kb_travels_as_a_wrapper(desk: ChunkDesk) -> None:
    last = state(desk, {"text": "차" * 20_000})

    aggregated = desk.aggregate([chunk(0, "COMPLETED", final_state_s3_path=last)])

    assert kind_of(aggregated["final_state"]) == "wrapper"


def test_without_any_chunk_state_the_pointer_of_the_bag_stays(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate([chunk(0)])

    assert aggregated["final_state_s3_path"] == desk.bag["state_s3_path"]


def test_an_inline_state_comes_first_where_s3_is_not_to_be_used(desk: ChunkDesk) -> None:
    path = state(desk, {"from": "s3"})
    result = chunk(0, final_state={"from": "here"}, final_state_s3_path=path)

    assert desk.aggregate([result], use_s3_results=False)["final_state"] == {"from": "here"}
    assert desk.aggregate([result], use_s3_results=True)["final_state"] == {"from": "s3"}


def test_the_logs_of_all_chunks_come_in_order(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate(
        [
            chunk(1, logs_s3_path=logs(desk, {"id": "b"})),
            chunk(0, "FAILED", logs_s3_path=logs(desk, {"id": "a"})),
        ]
    )

    assert aggregated["new_history_logs"] == [{"id": "a"}, {"id": "b"}]


def test_logs_above_30_kb_go_to_s3(desk: ChunkDesk) -> None:
    long: JsonObject = {"id": "a", "content": "x" * 40_000}

    aggregated = desk.aggregate([chunk(0, logs_s3_path=logs(desk, long))])

    assert aggregated["new_history_logs"] == []
    assert desk.storage.read(str(aggregated["logs_s3_path"])) == [long]


def test_one_failed_chunk_fails_the_whole_by_default(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate([chunk(0), chunk(1, "FAILED", error_type="NodeFailed")])

    assert aggregated["status"] == "FAILED"
    assert aggregated["failed_chunk_details"] == [
        {
            "chunk_id": "chunk_0001",
            "chunk_index": 1,
            "status": "FAILED",
            "error_type": "NodeFailed",
        }
    ]
    error = aggregated["error_info"]
    assert isinstance(error, dict)
    assert error["Error"] == "ChunksFailed"
    assert "chunk_0001" in str(error["Cause"])


@pytest.mark.parametrize(
    ("policy", "failed", "status"),
    [
        ("fail_on_majority_failure", 1, "PARTIAL_SUCCESS"),
        ("fail_on_majority_failure", 2, "FAILED"),
        ("fail_on_all_failure", 2, "PARTIAL_SUCCESS"),
        ("fail_on_all_failure", 3, "FAILED"),
    ],
)
def test_a_policy_tolerates_failures_and_reports_them(
    desk: ChunkDesk, policy: str, failed: int, status: str
) -> None:
    results: list[Json] = [
        chunk(index, "FAILED" if index < failed else "COMPLETED") for index in range(3)
    ]
    desk.bag["failure_policy"] = policy

    aggregated = desk.aggregate(results)

    assert (aggregated["status"], aggregated["failed_chunks"]) == (status, failed)


def test_the_configuration_gives_the_policy_that_the_bag_lacks(desk: ChunkDesk) -> None:
    path = desk.storage.write(
        keys_of(desk.bag).config(), {"failure_policy": "fail_on_majority_failure"}
    ).path
    desk.bag["workflow_config_s3_path"] = path

    aggregated = desk.aggregate([chunk(0), chunk(1), chunk(2, "FAILED")])

    assert aggregated["status"] == "PARTIAL_SUCCESS"


def test_a_paused_chunk_is_no_failure(desk: ChunkDesk) -> None:
    aggregated = desk.aggregate([chunk(0), chunk(1, "PAUSED_FOR_HITP")])

    assert aggregated["status"] == "PAUSED_FOR_HITP"
    assert (aggregated["paused_chunks"], aggregated["failed_chunks"]) == (1, 0)


def item(desk: ChunkDesk, order: int, number: int, **fields: Json) -> JsonObject:
    """The result of a strategy Map's item that appended a number."""
    path = state(desk, {**BASE, "sequence": [number]})
    return {
        "status": "COMPLETE",
        "segment_id": order,
        "execution_order": order,
        "output_s3_path": path,
        "logs_s3_path": None,
        "error_type": None,
        **fields,
    }


def strategy(
    desk: ChunkDesk, results: Json, mode: str = "MAP_REDUCE", **fields: Json
) -> JsonObject:
    field = {"MAP_REDUCE": "map_results", "BATCHED": "batch_results"}[mode]
    return desk.aggregate(
        None,
        execution_mode=mode,
        state_s3_path=desk.bag["state_s3_path"],
        ownerId="owner-1",
        workflowId="flow-1",
        execution_id=desk.bag["execution_id"],
        **{field: results},
        **fields,
    )


@pytest.mark.parametrize("mode", ["MAP_REDUCE", "BATCHED"])
def test_the_states_of_a_strategy_map_fold_in_numeric_order(desk: ChunkDesk, mode: str) -> None:
    shuffled: list[Json] = [item(desk, order, order) for order in (10, 2, 11, 0, 1)]

    aggregated = strategy(desk, shuffled, mode)

    assert aggregated["status"] == "COMPLETED"
    assert aggregated["final_state"] == {**BASE, "sequence": [0, 1, 2, 10, 11]}
    assert desk.document(aggregated) == aggregated["final_state"]


def test_a_folded_state_above_30_kb_travels_as_a_wrapper(desk: ChunkDesk) -> None:
    large = item(desk, 0, 0, output_s3_path=state(desk, {**BASE, "text": "차" * 20_000}))

    aggregated = strategy(desk, [large])

    assert kind_of(aggregated["final_state"]) == "wrapper"


def test_failures_beyond_the_policy_raise(desk: ChunkDesk) -> None:
    results: list[Json] = [item(desk, 0, 0), item(desk, 1, 1, status="FAILED", error_type="Bad")]

    with pytest.raises(AggregationFailed) as raised:
        strategy(desk, results)

    assert (raised.value.failed, raised.value.total) == (1, 2)


def test_tolerated_failures_are_reported_and_not_folded(desk: ChunkDesk) -> None:
    results: list[Json] = [
        item(desk, 0, 0),
        item(desk, 1, 1, status="FAILED", error_type="Bad"),
        item(desk, 2, 2),
    ]

    aggregated = strategy(desk, results, failure_policy="fail_on_majority_failure")

    assert aggregated["status"] == "PARTIAL_SUCCESS"
    assert aggregated["final_state"] == {**BASE, "sequence": [0, 2]}
    summary = aggregated["execution_summary"]
    assert isinstance(summary, dict)
    assert (summary["total"], summary["failed"]) == (3, 1)


@pytest.mark.parametrize("results", [[], None])
def test_an_empty_strategy_map_raises(desk: ChunkDesk, results: Json) -> None:
    with pytest.raises(AggregationFailed):
        strategy(desk, results)


def test_a_contradiction_raises_where_the_policy_is_error(desk: ChunkDesk) -> None:
    results: list[Json] = [
        item(desk, order, 0, output_s3_path=state(desk, {**BASE, "topic": f"topic {order}"}))
        for order in range(2)
    ]

    with pytest.raises(AggregationFailed, match="topic"):
        strategy(desk, results, merge_policy="error")


def test_an_unknown_mode_is_refused(desk: ChunkDesk) -> None:
    with pytest.raises(InvalidInput, match="execution_mode"):
        desk.aggregate([], execution_mode="NONSENSE")
