"""Envelopes and the one hydrator that follows them (Contract 3.1)."""

import pytest
from hypothesis import given

from tasks.smart_statebag.bag.envelopes import (
    compress,
    decompress,
    history_archive,
    kind_of,
    s3_reference,
    wrapper,
)
from tasks.smart_statebag.bag.errors import CorruptEnvelope, IntegrityError, PointerOutOfScope
from tasks.smart_statebag.bag.hydrator import Hydrator, hydrate_history
from tasks.smart_statebag.bag.json_value import Json, JsonObject, same
from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import BUCKET, PREFIX, entry, identity
from tests.unit.smart_statebag.bag.json_strategies import json_values

AT = "2027-01-15T08:00:00.000Z"


@pytest.fixture
def hydrator(storage: StateStorage) -> Hydrator:
    return Hydrator(identity(), storage, cached=False)


def reference(storage: StateStorage, value: Json, prefix: str = PREFIX) -> JsonObject:
    return s3_reference(storage.write(f"{prefix}/fields/x", value), stored_at=AT)


def test_a_reference_has_the_keys_of_the_contract(storage: StateStorage) -> None:
    written = storage.write(f"{PREFIX}/fields/x", "차" * 1000)

    assert s3_reference(written, stored_at=AT) == {
        "type": "s3_reference",
        "s3_path": written.path,
        "size_bytes": 3002,
        "size_kb": 3,
        "sha256": written.sha256,
        "stored_at": AT,
    }


def test_a_wrapper_has_the_keys_of_the_contract(storage: StateStorage) -> None:
    written = storage.write(f"{PREFIX}/state/main/0-0", {})

    assert wrapper(written) == {
        "__s3_offloaded": True,
        "__s3_path": written.path,
        "__original_size_bytes": 2,
        "__original_size_kb": 1,
        "__sha256": written.sha256,
    }


@pytest.mark.parametrize(
    "value",
    [
        {"type": "s3_reference"},
        {"type": "compressed"},
        {"type": "history_archive", "s3_path": "s3://b/k"},
        {"__s3_offloaded": True},
        {"__s3_offloaded": 1, "__s3_path": "s3://b/k"},
        {"type": "other", "s3_path": "s3://b/k"},
        "s3://b/k",
        None,
    ],
)
def test_what_lacks_the_keys_of_an_envelope_is_none(value: Json) -> None:
    assert kind_of(value) is None


def test_plain_pointer_reference_wrapper_and_compressed_all_give_the_value(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    written = storage.write(f"{PREFIX}/state/main/0-0", {"a": ["차"]})

    assert hydrator.load_whole(written.path) == {"a": ["차"]}
    for envelope in (
        s3_reference(written, stored_at=AT),
        wrapper(written),
        compress({"a": ["차"]}, compressed_at=AT),
    ):
        assert hydrator.hydrate(envelope) == {"a": ["차"]}


def test_plain_data_stays_as_it_is(hydrator: Hydrator) -> None:
    assert hydrator.hydrate({"a": [None, 1, "s3://b/k"]}) == {"a": [None, 1, "s3://b/k"]}


def test_a_text_is_data_even_if_it_spells_a_pointer(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    path = storage.write(f"{PREFIX}/x", 1).path

    assert hydrator.hydrate(path) == path


def test_a_document_behind_a_pointer_is_opened_whole(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    inner = reference(storage, "core")
    path = storage.write(f"{PREFIX}/state/main/0-0", {"field": inner}).path

    assert hydrator.load(path) == {"field": inner}
    assert hydrator.load_whole(path) == {"field": "core"}


def test_envelopes_nest_to_depth_8(storage: StateStorage, hydrator: Hydrator) -> None:
    value: Json = "core"
    for _ in range(8):
        value = {"inner": reference(storage, value)}
    whole = hydrator.hydrate(value)

    for _ in range(8):
        assert isinstance(whole, dict)
        whole = whole["inner"]
    assert whole == "core"


def test_deeper_nesting_is_refused(storage: StateStorage, hydrator: Hydrator) -> None:
    value: Json = "core"
    for _ in range(9):
        value = {"inner": reference(storage, value)}

    with pytest.raises(CorruptEnvelope, match="deeper"):
        hydrator.hydrate(value)


def test_a_nested_envelope_of_another_execution_is_data(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    foreign = reference(storage, "secret", "workflow-states/owner-1/flow-1/other.00000000")

    assert hydrator.hydrate({"user": foreign}) == {"user": foreign}


def test_a_nested_compressed_envelope_is_data(hydrator: Hydrator) -> None:
    looks_like_one = compress("x", compressed_at=AT)

    assert hydrator.hydrate({"user": [looks_like_one]}) == {"user": [looks_like_one]}


@pytest.mark.parametrize(
    "path",
    [
        f"s3://{BUCKET}/workflow-states/owner-2/flow/run.1/x.json",
        f"s3://{BUCKET}/workflow-states/owner-10/flow/run.1/x.json",
        f"s3://{BUCKET}/elsewhere/x.json",
        f"s3://other/{PREFIX}/x.json",
    ],
)
def test_no_pointer_is_followed_out_of_the_owners_prefix(hydrator: Hydrator, path: str) -> None:
    envelope: JsonObject = {"type": "s3_reference", "s3_path": path}

    with pytest.raises(PointerOutOfScope):
        hydrator.load(path)
    with pytest.raises(PointerOutOfScope):
        hydrator.hydrate(envelope)


def test_the_owners_other_executions_may_be_pointed_to(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    written = storage.write("workflow-states/owner-1/flow-2/run.1/state/init/0-0", {"a": 1})

    assert hydrator.load(written.path) == {"a": 1}


def test_the_hash_in_an_envelope_is_held_against_the_object(
    storage: StateStorage, hydrator: Hydrator
) -> None:
    envelope = {**reference(storage, "x"), "sha256": "0" * 64}

    with pytest.raises(IntegrityError):
        hydrator.hydrate(envelope)


@pytest.mark.parametrize("data", ["not base64!", "AAAA", "", None, 7])
def test_corrupt_compressed_data_is_a_typed_error(data: Json) -> None:
    with pytest.raises(CorruptEnvelope):
        decompress(data)


def test_a_document_of_the_wrong_kind_is_refused(storage: StateStorage, hydrator: Hydrator) -> None:
    a_list = storage.write(f"{PREFIX}/x", [1]).path
    an_object = storage.write(f"{PREFIX}/x", {}).path

    with pytest.raises(CorruptEnvelope, match="not an object"):
        hydrator.load_object(a_list)
    with pytest.raises(CorruptEnvelope, match="not a list"):
        hydrator.load_list(an_object)


def test_the_history_is_the_chain_in_order_and_then_the_list(storage: StateStorage) -> None:
    first = storage.write(
        f"{PREFIX}/history",
        {"entries": [entry(1), entry(2)], "previous_s3_path": None, "keys": ["entry-1", "entry-2"]},
    )
    second = storage.write(
        f"{PREFIX}/history",
        {
            "entries": [entry(3)],
            "previous_s3_path": first.path,
            "keys": ["entry-1", "entry-2", "entry-3"],
        },
    )
    marker = history_archive(second, entry_count=3, previous_s3_path=first.path, archived_at=AT)
    bag: JsonObject = {**identity(), "state_history": [marker, entry(4)]}

    assert hydrate_history(bag, storage) == [entry(1), entry(2), entry(3), entry(4)]


@pytest.mark.parametrize("history", [None, [], "absent"])
def test_a_bag_without_history_has_an_empty_one(storage: StateStorage, history: Json) -> None:
    bag = identity() if history == "absent" else {**identity(), "state_history": history}

    assert hydrate_history(bag, storage) == []


def test_a_chain_that_returns_to_itself_is_corrupt(storage: StateStorage) -> None:
    path = f"s3://{BUCKET}/{PREFIX}/history/loop.json"
    storage.write_named(
        f"{PREFIX}/history/loop.json", {"entries": [], "previous_s3_path": path, "keys": []}
    )
    bag: JsonObject = {
        **identity(),
        "state_history": [{"type": "history_archive", "s3_path": path, "entry_count": 0}],
    }

    with pytest.raises(CorruptEnvelope, match="returns"):
        hydrate_history(bag, storage)


@given(json_values())
def test_every_value_survives_compression(value: Json) -> None:
    assert same(decompress(compress(value, compressed_at=AT)["data"]), value)
