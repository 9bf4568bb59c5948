"""``aggregate_distributed`` (Contract 4.9)."""

import json
import random

import pytest

from tasks.smart_statebag.bag.errors import PointerOutOfScope, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.state_data_manager import aggregate_distributed_results
from tests.bags import BUCKET, PREFIX, entry, identity, numbers_of
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in

BASE: JsonObject = {"sequence": []}


def base_bag(desk: Desk, **fields: Json) -> JsonObject:
    return desk.bag(**{"state_s3_path": desk.write_state(BASE), "total_segments": 310, **fields})


def chunk(desk: Desk, index: int, status: str = "COMPLETED", **fields: Json) -> JsonObject:
    name = f"chunk_{index:04}"
    state: JsonObject = {"sequence": [index], f"c{index}": index}
    keys = keys_of(identity())
    return {
        "chunk_id": name,
        "chunk_index": index,
        "execution_order": index,
        "status": status,
        "result_s3_path": desk.storage.write(keys.chunk_states(name), state).path,
        "logs_s3_path": desk.write_logs([entry(index)], f"chunk/{name}"),
        "segments_processed": 10,
        "error": None,
        **fields,
    }


def aggregate(desk: Desk, bag: JsonObject, results: Json, **event: Json) -> JsonObject:
    return aggregate_distributed_results(
        {"state_data": bag, "distributed_results": results, **event}, desk.tools
    )


def error_of(output: JsonObject) -> JsonObject:
    error = bag_in(output)["last_error"]
    assert isinstance(error, dict)
    return error


def chunk_summary(output: JsonObject) -> JsonObject:
    summary = bag_in(output)["distributed_chunk_summary"]
    assert isinstance(summary, dict)
    return summary


def shown(output: JsonObject) -> list[Json]:
    chunks = chunk_summary(output)["chunk_results"]
    assert isinstance(chunks, list)
    return [item["chunk_id"] for item in chunks if isinstance(item, dict)]


def write_result_files(desk: Desk, succeeded: list[Json], failed: list[Json]) -> JsonObject:
    run = f"{keys_of(identity()).map_results()}/run-id"
    files: JsonObject = {"PENDING": []}
    for outcome, records in (("SUCCEEDED", succeeded), ("FAILED", failed)):
        desk.storage.write_named(f"{run}/{outcome}_0.json", records)
        files[outcome] = [{"Key": f"{run}/{outcome}_0.json", "Size": 1}]
    desk.storage.write_named(
        f"{run}/manifest.json", {"DestinationBucket": BUCKET, "ResultFiles": files}
    )
    return {
        "MapRunArn": "arn:run",
        "ResultWriterDetails": {"Bucket": BUCKET, "Key": f"{run}/manifest.json"},
    }


ALL_KEYS = {"state_data", "final_status", "next_action", "failed_chunks", "post_snapshot"}


@pytest.mark.parametrize("wrapped", ["list", "segment_results", "branches"])
def test_a_list_is_understood_in_each_of_its_forms(desk: Desk, wrapped: str) -> None:
    items: list[Json] = [chunk(desk, index) for index in (1, 0, 2)]
    results: Json = items if wrapped == "list" else {wrapped: items}

    output = aggregate(desk, base_bag(desk), results)

    assert output.keys() == ALL_KEYS
    assert (output["final_status"], output["next_action"]) == ("COMPLETE", "COMPLETE")
    assert desk.state_of(bag_in(output)) == {"sequence": [0, 1, 2], "c0": 0, "c1": 1, "c2": 2}
    assert numbers_of(desk.history_of(bag_in(output))) == ["entry-0", "entry-1", "entry-2"]


def test_the_results_of_a_strategy_map_come_as_execution_result(desk: Desk) -> None:
    items: list[Json] = [
        {
            "segment_id": number,
            "execution_order": number,
            "status": "COMPLETE",
            "s3_path": desk.write_state({"sequence": [number]}, "item", number),
            "logs_s3_path": None,
            "error_type": None,
        }
        for number in range(12)
    ]
    random.Random(5).shuffle(items)

    output = aggregate_distributed_results(
        {"state_data": base_bag(desk), "execution_result": {"segment_results": items}}, desk.tools
    )

    assert desk.state_of(bag_in(output)) == {"sequence": list(range(12))}


def test_results_come_through_the_manifest_of_a_result_writer(desk: Desk) -> None:
    chunks = [chunk(desk, index) for index in range(30)]
    random.Random(1).shuffle(chunks)
    records: list[Json] = [
        {"Input": "{}", "Output": json.dumps(item), "Status": "SUCCEEDED"} for item in chunks
    ]

    output = aggregate(desk, base_bag(desk), write_result_files(desk, records, []))

    state = desk.state_of(bag_in(output))
    assert isinstance(state, dict)
    assert state["sequence"] == list(range(30))
    assert shown(output) == [f"chunk_{index:04}" for index in range(10)]
    assert chunk_summary(output)["total"] == 30


def test_a_failed_record_of_the_manifest_is_a_failed_chunk(desk: Desk) -> None:
    good: list[Json] = [{"Input": "{}", "Output": json.dumps(chunk(desk, 0))}]
    item = {"chunk_item": {"chunk_id": "chunk_0001", "chunk_index": 1, "execution_order": 1}}
    bad: list[Json] = [{"Input": json.dumps(item), "Error": "Boom", "Cause": "c"}]

    output = aggregate(desk, base_bag(desk), write_result_files(desk, good, bad))

    assert (output["final_status"], output["next_action"]) == ("FAILED", "FAILED")
    assert output["failed_chunks"] == [
        {"chunk_id": "chunk_0001", "chunk_index": 1, "status": "FAILED", "error_type": "Boom"}
    ]
    assert error_of(output) == {"Error": "ChunksFailed", "Cause": "1 of 2 failed: chunk_0001"}


def test_a_tolerated_failure_is_a_partial_failure_that_goes_on(desk: Desk) -> None:
    items: list[Json] = [chunk(desk, 0), chunk(desk, 1), chunk(desk, 2, "TIMEOUT")]

    output = aggregate(desk, base_bag(desk, failure_policy="fail_on_majority_failure"), items)

    assert (output["final_status"], output["next_action"]) == ("PARTIAL_FAILURE", "COMPLETE")
    assert bag_in(output)["failed_chunks"] == output["failed_chunks"]
    assert bag_in(output)["last_error"] is None
    assert chunk_summary(output)["failed"] == 1


@pytest.mark.parametrize("results", [None, [], {}, {"segment_results": []}, "text"])
def test_no_results_are_a_failure(desk: Desk, results: Json) -> None:
    output = aggregate(desk, base_bag(desk), results)

    assert output.keys() == ALL_KEYS
    assert (output["final_status"], output["next_action"]) == ("FAILED", "FAILED")
    assert error_of(output)["Error"] == "NoResults"


def test_the_snapshot_taken_before_is_noted(desk: Desk) -> None:
    output = aggregate(
        desk,
        base_bag(desk),
        [chunk(desk, 0)],
        pre_snapshot={"snapshot_s3_path": "s3://b/pre", "snapshot_id": "x"},
    )

    assert bag_in(output)["pre_snapshot_s3_path"] == "s3://b/pre"


def test_a_snapshot_is_taken_afterwards_on_request(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk), [chunk(desk, 0)], create_post_snapshot=True)

    post = output["post_snapshot"]
    assert isinstance(post, dict)
    assert bag_in(output)["post_snapshot_s3_path"] == post["snapshot_s3_path"]
    document = desk.storage.read(str(post["snapshot_s3_path"]))
    assert isinstance(document, dict)
    assert document["state_s3_path"] == bag_in(output)["state_s3_path"]
    assert document["is_pointer_only"] is True


def test_a_failed_map_takes_no_snapshot(desk: Desk) -> None:
    output = aggregate(desk, base_bag(desk), [chunk(desk, 0, "FAILED")], create_post_snapshot=True)

    assert output["post_snapshot"] is None


def test_after_a_map_error_the_records_fill_the_summary(desk: Desk) -> None:
    keys = keys_of(identity())
    for index, status in ((0, "COMPLETED"), (1, "FAILED"), (2, "COMPLETED")):
        record = chunk(desk, index, status)
        desk.storage.write_named(keys.chunk_record(f"chunk_{index:04}"), record)
    bag = base_bag(desk)

    output = aggregate(
        desk,
        bag,
        None,
        map_error={"Error": "States.ExceedToleratedFailureThreshold", "Cause": "too many"},
        result_prefix=keys.chunk_results(),
    )

    assert (output["final_status"], output["next_action"]) == ("FAILED", "FAILED")
    assert error_of(output)["Error"] == "States.ExceedToleratedFailureThreshold"
    assert (chunk_summary(output)["total"], chunk_summary(output)["failed"]) == (3, 1)
    assert shown(output) == ["chunk_0000", "chunk_0001", "chunk_0002"]
    assert bag_in(output)["state_s3_path"] == bag["state_s3_path"]


def test_a_result_prefix_of_another_owner_is_not_read(desk: Desk) -> None:
    with pytest.raises(PointerOutOfScope):
        aggregate(
            desk,
            base_bag(desk),
            None,
            map_error={"Error": "E"},
            result_prefix="workflow-states/owner-2/flow/run.1/chunk-results",
        )


def test_a_result_prefix_may_be_a_pointer(desk: Desk) -> None:
    keys = keys_of(identity())
    desk.storage.write_named(keys.chunk_record("chunk_0000"), chunk(desk, 0))

    output = aggregate(
        desk,
        base_bag(desk),
        None,
        map_error={"Error": "E"},
        result_prefix=f"s3://{BUCKET}/{PREFIX}/chunk-results/",
    )

    assert chunk_summary(output)["total"] == 1


def test_a_manifest_that_is_gone_is_a_retryable_error(desk: Desk) -> None:
    gone: JsonObject = {
        "MapRunArn": "arn:run",
        "ResultWriterDetails": {"Bucket": BUCKET, "Key": f"{PREFIX}/map-results/manifest.json"},
    }

    with pytest.raises(StorageUnavailable):
        aggregate(desk, base_bag(desk), gone)


def test_inline_states_are_taken_when_s3_results_are_not_wanted(desk: Desk) -> None:
    item: JsonObject = {
        "chunk_index": 0,
        "status": "COMPLETE",
        "final_state": {"sequence": ["inline"]},
        "s3_path": desk.write_state({"sequence": ["stored"]}),
    }

    inline = aggregate(desk, base_bag(desk), [item], use_s3_results=False)
    stored = aggregate(desk, base_bag(desk), [item])

    assert desk.state_of(bag_in(inline)) == {"sequence": ["inline"]}
    assert desk.state_of(bag_in(stored)) == {"sequence": ["stored"]}


def test_more_than_five_failed_chunks_are_offloaded_beside_their_sample(desk: Desk) -> None:
    items: list[Json] = [chunk(desk, index, "FAILED") for index in range(8)]

    output = aggregate(desk, base_bag(desk), items)

    assert isinstance(output["failed_chunks"], list)
    assert len(output["failed_chunks"]) == 5
    whole = desk.storage.read(str(bag_in(output)["failed_chunks_s3_path"]))
    assert isinstance(whole, list)
    assert len(whole) == 8


def test_any_order_of_arrival_gives_the_same_bytes(desk: Desk) -> None:
    items: list[Json] = [chunk(desk, index) for index in range(9)]
    paths = set()
    for seed in range(5):
        random.Random(seed).shuffle(items)
        paths.add(bag_in(aggregate(desk, base_bag(desk), items))["state_s3_path"])

    assert len(paths) == 1
