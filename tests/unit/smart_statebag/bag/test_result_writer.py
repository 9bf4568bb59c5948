"""Reading what a distributed Map's ResultWriter left (Contract 4.9)."""

import json

import pytest

from tasks.smart_statebag.bag.errors import CorruptEnvelope, PointerOutOfScope
from tasks.smart_statebag.bag.hydrator import Hydrator
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import ResultItem, result_item
from tasks.smart_statebag.bag.result_writer import is_descriptor, read_results
from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import BUCKET, PREFIX, identity

RUN = f"{PREFIX}/map-results/0c1d"


@pytest.fixture
def hydrator(storage: StateStorage) -> Hydrator:
    return Hydrator(identity(), storage, cached=True)


def descriptor(key: str = f"{RUN}/manifest.json", bucket: str = BUCKET) -> JsonObject:
    return {"MapRunArn": "arn:run", "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def write_manifest(storage: StateStorage, **files: list[Json]) -> JsonObject:
    lists: JsonObject = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
    for outcome, records in files.items():
        key = f"{RUN}/{outcome}_0.json"
        storage.write_named(key, records)
        lists[outcome] = [{"Key": key, "Size": 1}]
    manifest: JsonObject = {
        "DestinationBucket": BUCKET,
        "MapRunArn": "arn:run",
        "ResultFiles": lists,
    }
    storage.write_named(f"{RUN}/manifest.json", manifest)
    return descriptor()


def record(number: int, **output: Json) -> JsonObject:
    item = {"chunk_item": {"chunk_id": f"chunk_{number:04}", "chunk_index": number}, "x": None}
    return {"Input": json.dumps(item), "Output": json.dumps(output), "Status": "SUCCEEDED"}


def test_a_descriptor_is_told_from_results() -> None:
    assert is_descriptor(descriptor())
    assert not is_descriptor({"segment_results": []})
    assert not is_descriptor([descriptor()])


def test_a_success_is_its_parsed_output(storage: StateStorage, hydrator: Hydrator) -> None:
    given = write_manifest(
        storage,
        SUCCEEDED=[record(3, chunk_id="chunk_0003", status="COMPLETED", result_s3_path="s3://b/k")],
    )

    [item] = read_results(given, hydrator)

    assert (item.status, item.state_path, item.succeeded) == ("COMPLETED", "s3://b/k", True)
    assert item.fields["chunk_id"] == "chunk_0003"


def test_an_output_may_stand_in_a_payload(storage: StateStorage, hydrator: Hydrator) -> None:
    given = write_manifest(
        storage, SUCCEEDED=[record(3, Payload={"status": "COMPLETE", "s3_path": "s3://b/k"})]
    )

    [item] = read_results(given, hydrator)

    assert item.state_path == "s3://b/k"


def test_a_failure_has_its_error_and_the_order_of_its_input(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    failed: JsonObject = {**record(7), "Error": "States.Timeout", "Cause": "x" * 40_000}
    given = write_manifest(storage, FAILED=[failed])

    [item] = read_results(given, hydrator)

    assert (item.succeeded, item.error_type) == (False, "States.Timeout")
    assert item.fields == {"chunk_id": "chunk_0007", "chunk_index": 7}


def test_a_pending_item_was_not_run(storage: StateStorage, hydrator: Hydrator) -> None:
    given = write_manifest(storage, PENDING=[record(2)])

    [item] = read_results(given, hydrator)

    assert (item.error_type, item.fields["chunk_index"]) == ("NotRun", 2)


def test_large_inline_parts_are_left_behind(storage: StateStorage, hydrator: Hydrator) -> None:
    output: JsonObject = {"status": "COMPLETE", "s3_path": "s3://b/k", "final_state": {"a": 1}}
    given = write_manifest(storage, SUCCEEDED=[record(1, **output)])

    [item] = read_results(given, hydrator)

    assert "final_state" not in item.fields


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"DestinationBucket": BUCKET},
        {"DestinationBucket": BUCKET, "ResultFiles": {"SUCCEEDED": 7}},
        {"DestinationBucket": BUCKET, "ResultFiles": {"SUCCEEDED": [{"Size": 1}]}},
    ],
)
def test_a_broken_manifest_is_a_typed_error(
    storage: StateStorage, hydrator: Hydrator, broken: Json
) -> None:
    storage.write_named(f"{RUN}/manifest.json", broken)

    with pytest.raises(CorruptEnvelope):
        read_results(descriptor(), hydrator)


@pytest.mark.parametrize("records", [[1], [{"Input": "{", "Output": "{"}]])
def test_a_broken_record_is_a_typed_error(
    storage: StateStorage, hydrator: Hydrator, records: list[Json]
) -> None:
    given = write_manifest(storage, SUCCEEDED=records)

    with pytest.raises(CorruptEnvelope):
        read_results(given, hydrator)


def test_a_manifest_outside_the_owners_prefix_is_not_read(hydrator: Hydrator) -> None:
    for foreign in (
        descriptor("workflow-states/owner-2/manifest.json"),
        descriptor(bucket="elsewhere"),
    ):
        with pytest.raises(PointerOutOfScope):
            read_results(foreign, hydrator)


@pytest.mark.parametrize(
    "field", ["s3_path", "final_state_s3_path", "output_s3_path", "result_s3_path"]
)
def test_each_name_of_a_pointer_is_understood(field: str) -> None:
    item = result_item({"status": "COMPLETE", "s3_path": None, field: "s3://b/k"})

    assert item.state_path == "s3://b/k"


def test_the_first_pointer_that_is_not_null_counts() -> None:
    item = result_item(
        {
            "status": "COMPLETE",
            "s3_path": None,
            "output_s3_path": "s3://b/2",
            "result_s3_path": "s3://b/3",
        }
    )

    assert item.state_path == "s3://b/2"


def error_of(raw: Json) -> str | None:
    item: ResultItem = result_item(raw)
    return item.error_type


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ({"status": "COMPLETE", "s3_path": "s3://b/k"}, None),
        ({"status": "COMPLETE"}, "InvalidResult"),
        ({"status": "PARTIAL_FAILURE", "error_type": "Boom"}, "Boom"),
        ({"status": "TIMEOUT", "error": {"Error": "States.Timeout"}}, "States.Timeout"),
        ({"status": None, "s3_path": "s3://b/k"}, "FAILED"),
        ({"branch_status": "COMPLETE", "final_state_s3_path": "s3://b/k"}, None),
        (None, "FAILED"),
        ("text", "FAILED"),
    ],
)
def test_what_an_item_failed_of(raw: Json, error: str | None) -> None:
    assert error_of(raw) == error
