"""``create_snapshot`` (Contract 4.9)."""

import hashlib
from pathlib import Path

import pytest

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import InvalidInput, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.state_data_manager import create_snapshot
from tests.bags import ARN, BUCKET, PREFIX, FailingStore, entry
from tests.unit.smart_statebag.state_data_manager.desk import Desk, bag_in

DIGEST = hashlib.sha256(ARN.encode()).hexdigest()[:8]


def document_of(desk: Desk, output: JsonObject) -> JsonObject:
    document = desk.storage.read(str(output["snapshot_s3_path"]))
    assert isinstance(document, dict)
    return document


def test_a_snapshot_holds_pointers_only(desk: Desk) -> None:
    bag = desk.bag(
        loop_counter=2,
        segment_to_run=1,
        workflow_config_s3_path="s3://b/c",
        state_history=[entry(1)],
    )

    output = create_snapshot({"state_data": bag}, desk.tools)

    assert output.keys() == {"state_data", "snapshot_s3_path", "snapshot_id"}
    assert output["snapshot_id"] == f"pre-2-1-{DIGEST}"
    assert f"{PREFIX}/snapshots/pre/" in str(output["snapshot_s3_path"])
    assert document_of(desk, output) == {
        "snapshot_id": f"pre-2-1-{DIGEST}",
        "snapshot_type": "pre",
        "execution_id": ARN,
        "created_at": "2027-01-15T08:00:00.000Z",
        "segment_to_run": 1,
        "loop_counter": 2,
        "idempotency_key": "key-1",
        "is_pointer_only": True,
        "state_s3_path": bag["state_s3_path"],
        "workflow_config_s3_path": "s3://b/c",
        "partition_map_s3_path": None,
        "state_data": None,
    }


def test_without_a_state_pointer_it_holds_the_bag_with_30_entries(desk: Desk) -> None:
    logs: list[Json] = [entry(n) for n in range(40)]
    bag = desk.bag(state_s3_path=None, state_history=logs)

    document = document_of(desk, create_snapshot({"state_data": bag}, desk.tools))

    assert document["is_pointer_only"] is False
    kept = document["state_data"]
    assert isinstance(kept, dict)
    assert kept["state_history"] == logs[10:]
    assert kept["ownerId"] == "owner-1"


@pytest.mark.parametrize(
    ("given", "canonical", "field"),
    [
        ("pre", "pre", "pre_snapshot_s3_path"),
        ("POST", "post", "post_snapshot_s3_path"),
        ("PRE_DISTRIBUTED", "PRE_DISTRIBUTED", "pre_snapshot_s3_path"),
        ("post_distributed", "POST_DISTRIBUTED", "post_snapshot_s3_path"),
    ],
)
def test_the_type_decides_name_and_field(
    desk: Desk, given: str, canonical: str, field: str
) -> None:
    output = create_snapshot({"state_data": desk.bag(), "snapshot_type": given}, desk.tools)

    assert str(output["snapshot_id"]).startswith(f"{canonical}-")
    assert bag_in(output)[field] == output["snapshot_s3_path"]


@pytest.mark.parametrize("given", ["middle", "", 7, None])
def test_an_unknown_type_is_refused(desk: Desk, given: Json) -> None:
    with pytest.raises(InvalidInput, match="snapshot_type"):
        create_snapshot({"state_data": desk.bag(), "snapshot_type": given}, desk.tools)


def test_the_execution_of_the_event_wins_over_the_bags(desk: Desk) -> None:
    output = create_snapshot({"state_data": desk.bag(), "execution_id": "other"}, desk.tools)

    assert document_of(desk, output)["execution_id"] == "other"
    assert str(output["snapshot_id"]).endswith(hashlib.sha256(b"other").hexdigest()[:8])


def test_a_snapshot_that_cannot_be_written_raises(desk: Desk, tmp_path: Path) -> None:
    store = FailingStore(DirectoryStore(tmp_path, BUCKET), puts=3)
    broken = Desk(storage=StateStorage(store, clock=desk.clock), clock=desk.clock)

    with pytest.raises(StorageUnavailable):
        create_snapshot({"state_data": desk.bag()}, broken.tools)
