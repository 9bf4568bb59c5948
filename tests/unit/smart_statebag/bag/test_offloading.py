"""Which field leaves the bag, in what form (Contract 3.2)."""

import pytest

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import compress, kind_of
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.offloading import offload_large_fields, offload_until
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, STATE_LIMIT, size_of
from tasks.smart_statebag.bag.state_documents import offload_state_fields
from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import BUCKET, PREFIX, access_to, identity


@pytest.fixture
def access(storage: StateStorage) -> BagAccess:
    return access_to(identity(), storage)


def text_of(size: int) -> str:
    return "x" * (size - 2)


def test_a_field_of_exactly_30_kb_stays(access: BagAccess) -> None:
    bag: JsonObject = {"mine": text_of(FIELD_LIMIT)}

    assert offload_large_fields(bag, access) is False
    assert bag == {"mine": text_of(FIELD_LIMIT)}


def test_a_larger_field_becomes_a_reference(access: BagAccess) -> None:
    bag: JsonObject = {"mine": text_of(FIELD_LIMIT + 1)}

    assert offload_large_fields(bag, access) is True

    reference = bag["mine"]
    assert isinstance(reference, dict)
    assert str(reference["s3_path"]).startswith(f"s3://{BUCKET}/{PREFIX}/fields/mine/")
    assert access.hydrator.hydrate(reference) == text_of(FIELD_LIMIT + 1)


@pytest.mark.parametrize("name", ["last_error", "idempotency_key", "state_s3_path", "ownerId"])
def test_some_fields_never_leave(access: BagAccess, name: str) -> None:
    bag: JsonObject = {name: text_of(FIELD_LIMIT * 2)}

    assert offload_large_fields(bag, access) is False
    assert offload_until(bag, 1000, access) is False


def test_a_large_map_moves_to_its_own_pointer(access: BagAccess) -> None:
    segments: list[Json] = [{"id": 0, "nodes": text_of(FIELD_LIMIT)}]
    bag: JsonObject = {"partition_map": segments, "partition_map_s3_path": None}

    offload_large_fields(bag, access)

    assert bag["partition_map"] is None
    assert f"{PREFIX}/partition/" in str(bag["partition_map_s3_path"])
    assert access.hydrator.load(bag["partition_map_s3_path"]) == segments


def test_the_maps_of_many_branches_move_and_the_branches_stay(access: BagAccess) -> None:
    branches: list[Json] = [
        {"branch_id": f"b{n}", "partition_map": [text_of(8000)], "partition_map_s3_path": None}
        for n in range(5)
    ]
    bag: JsonObject = {"pending_branches": branches}

    offload_large_fields(bag, access)

    pending = bag["pending_branches"]
    assert isinstance(pending, list)
    for number, branch in enumerate(pending):
        assert isinstance(branch, dict)
        assert (branch["branch_id"], branch["partition_map"]) == (f"b{number}", None)
        assert access.hydrator.load(branch["partition_map_s3_path"]) == [text_of(8000)]


def test_a_large_manifest_keeps_its_items_without_their_configuration(access: BagAccess) -> None:
    manifest: list[Json] = [{"segment_id": n, "segment_config": text_of(8000)} for n in range(5)]
    bag: JsonObject = {"segment_manifest": manifest, "segment_manifest_s3_path": None}

    offload_large_fields(bag, access)

    assert bag["segment_manifest"] == [{"segment_id": n, "segment_config": None} for n in range(5)]
    assert access.hydrator.load(bag["segment_manifest_s3_path"]) == manifest


def test_the_largest_fields_leave_until_the_limit_is_kept(access: BagAccess) -> None:
    bag: JsonObject = {"small": text_of(5000), "large": text_of(20_000), "middle": text_of(9000)}

    assert offload_until(bag, 16_000, access) is True

    assert [name for name in bag if kind_of(bag[name])] == ["large"]


def test_a_bag_within_the_limit_is_left_alone(access: BagAccess) -> None:
    bag: JsonObject = {"a": text_of(5000)}

    assert offload_until(bag, size_of(bag), access) is False


def test_small_fields_are_not_worth_a_reference(access: BagAccess) -> None:
    bag: JsonObject = {f"f{n}": text_of(1000) for n in range(50)}

    assert offload_until(bag, 10_000, access) is False


def test_what_is_offloaded_already_is_not_offloaded_again(access: BagAccess) -> None:
    bag: JsonObject = {"a": text_of(40_000)}
    offload_large_fields(bag, access)
    once = dict(bag)

    offload_until(bag, 10, access)

    assert bag == once


def test_a_configuration_goes_where_its_pointer_is(access: BagAccess) -> None:
    configuration: JsonObject = {"nodes": [text_of(5000)]}
    packed = compress(configuration, compressed_at="2027-01-15T08:00:00.000Z")
    for inline in (configuration, packed):
        bag: JsonObject = {"workflow_config": inline, "other": text_of(10)}

        offload_until(bag, 10, access)

        if bag["workflow_config"] is None:
            assert access.hydrator.load(bag["workflow_config_s3_path"]) == configuration
        else:
            assert size_of(inline) <= 1024


def test_an_inline_state_is_offloaded_by_field(access: BagAccess) -> None:
    state: JsonObject = {"big": "차" * 20_000, "small": 1}

    slim, offloaded = offload_state_fields(state, {}, access)

    assert offloaded
    assert slim["small"] == 1
    assert kind_of(slim["big"]) == "s3_reference"
    assert access.hydrator.hydrate(slim) == state


def test_a_state_still_above_100_kb_becomes_a_wrapper(access: BagAccess) -> None:
    state: JsonObject = {f"f{n}": text_of(25_000) for n in range(5)}
    assert size_of(state) > STATE_LIMIT

    wrapped, _ = offload_state_fields(state, {"loop_counter": 2, "segment_to_run": 3}, access)

    assert kind_of(wrapped) == "wrapper"
    assert f"{PREFIX}/state/main/2-3/" in str(wrapped["__s3_path"])
    assert access.hydrator.hydrate(wrapped) == state
