"""Deduplication and the bounds of the history (Contract 4.4, 4.5)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.history import (
    LEGACY_BOUNDS,
    LEGACY_OVERFLOW_BOUNDS,
    V3_BOUNDS,
    Bounds,
    bounded,
    count_surplus,
    deduplicate,
    entry_key,
    merge_logs,
)
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import access_to, entry, identity, numbers_of


@pytest.fixture
def access(storage: StateStorage) -> BagAccess:
    return access_to(identity(), storage)


def entries(count: int, text: str = "") -> list[Json]:
    return [entry(number, text) for number in range(count)]


def complete(history: list[Json], access: BagAccess, storage: StateStorage) -> list[Json]:
    return access_to({**identity(), "state_history": history}, storage).hydrator.history()


def test_the_key_of_an_entry_is_its_id() -> None:
    assert entry_key({"id": "setup", "content": "x"}) == "setup"


@pytest.mark.parametrize(("own", "spelled"), [("", '""'), (None, "null"), (7, "7")])
def test_without_a_text_for_an_id_the_key_is_the_hash_of_the_canonical_entry(
    own: Json, spelled: str
) -> None:
    canonical = '{"a":"차","id":' + spelled + "}"

    assert entry_key({"id": own, "a": "차"}) == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_text_has_a_key_too() -> None:
    assert entry_key("line") == hashlib.sha256(b'"line"').hexdigest()


def test_new_entries_follow_the_existing_ones_as_they_arrived() -> None:
    merged = deduplicate([entry(9)], [entry(3), entry(1)])

    assert numbers_of(merged) == ["entry-9", "entry-3", "entry-1"]


def test_an_entry_that_is_known_archived_or_repeated_is_dropped() -> None:
    merged = deduplicate(
        [entry(1)], [entry(1), entry(2), entry(3), entry(3), "line", "line"], ["entry-2"]
    )

    assert merged == [entry(1), entry(3), "line"]


def test_existing_entries_are_never_dropped() -> None:
    assert deduplicate([entry(1), entry(1)], []) == [entry(1), entry(1)]


LOGS = st.lists(
    st.one_of(
        st.builds(entry, st.integers(0, 5), st.sampled_from(["", "x"])),
        st.sampled_from(["line", "차"]),
        st.fixed_dictionaries({"content": st.integers(0, 2)}),
    ),
    max_size=8,
)


@given(LOGS, LOGS)
def test_delivering_the_same_entries_again_adds_none(existing: list[Json], new: list[Json]) -> None:
    once = deduplicate(existing, new)

    assert deduplicate(once, new) == once


@given(LOGS, LOGS)
def test_no_key_is_lost_and_none_of_the_new_ones_doubled(
    existing: list[Json], new: list[Json]
) -> None:
    merged = deduplicate(existing, new)
    added = [entry_key(item) for item in merged[len(existing) :]]

    assert merged[: len(existing)] == existing
    assert {entry_key(item) for item in merged} == {entry_key(i) for i in existing + new}
    assert len(added) == len(set(added))


def test_50_entries_stay_in_a_v3_bag(access: BagAccess) -> None:
    assert bounded(entries(50), V3_BOUNDS, access) == entries(50)


def test_of_51_entries_25_remain_in_a_v3_bag(access: BagAccess, storage: StateStorage) -> None:
    history = bounded(entries(51), V3_BOUNDS, access)

    marker = history[0]
    assert isinstance(marker, dict)
    assert (marker["type"], marker["entry_count"], marker["previous_s3_path"]) == (
        "history_archive",
        26,
        None,
    )
    assert history[1:] == entries(51)[26:]
    assert complete(history, access, storage) == entries(51)


def test_the_marker_does_not_count_as_an_entry(access: BagAccess) -> None:
    history = bounded(entries(51), V3_BOUNDS, access)
    more: list[Json] = [entry(number) for number in range(51, 76)]

    assert bounded(history + more, V3_BOUNDS, access) == history + more


def test_a_new_marker_replaces_the_old_one_and_points_back(
    access: BagAccess, storage: StateStorage
) -> None:
    first = bounded(entries(51), V3_BOUNDS, access)
    more: list[Json] = [entry(number) for number in range(51, 90)]
    second = bounded(first + more, V3_BOUNDS, access)

    old, new = first[0], second[0]
    assert isinstance(old, dict)
    assert isinstance(new, dict)
    assert new["previous_s3_path"] == old["s3_path"]
    assert new["entry_count"] == 90 - 25
    assert complete(second, access, storage) == entries(90)


def test_the_newest_archive_lists_the_keys_of_all_archived_entries(access: BagAccess) -> None:
    first = bounded(entries(51), V3_BOUNDS, access)
    more: list[Json] = [entry(number) for number in range(51, 90)]
    marker = bounded(first + more, V3_BOUNDS, access)[0]
    assert isinstance(marker, dict)

    assert access.hydrator.archived_keys(marker) == [f"entry-{number}" for number in range(65)]


def test_an_archived_entry_is_not_merged_again(access: BagAccess) -> None:
    history = bounded(entries(51), V3_BOUNDS, access)

    assert merge_logs(history, entries(51), access) == history


def test_nothing_is_read_when_there_is_nothing_to_merge(access: BagAccess) -> None:
    history = bounded(entries(51), V3_BOUNDS, access)
    before = access.counts.s3_gets

    merge_logs(history, [], access)

    assert access.counts.s3_gets == before


@pytest.mark.parametrize("bounds", [V3_BOUNDS, LEGACY_BOUNDS])
def test_over_30_kb_the_oldest_are_archived_until_below(
    bounds: Bounds, access: BagAccess, storage: StateStorage
) -> None:
    history = bounded(entries(10, "차" * 1500), bounds, access)

    kept = history[1:]
    assert size_of(kept) <= FIELD_LIMIT < size_of(kept) + size_of(entry(0, "차" * 1500))
    assert complete(history, access, storage) == entries(10, "차" * 1500)


def test_a_history_of_exactly_30_kb_stays(access: BagAccess) -> None:
    one: list[Json] = [entry(1, "x" * (FIELD_LIMIT - size_of([entry(1)])))]
    assert size_of(one) == FIELD_LIMIT

    assert bounded([*one], LEGACY_BOUNDS, access) == one


def test_the_legacy_bound_does_not_count_entries(access: BagAccess) -> None:
    assert bounded(entries(60), LEGACY_BOUNDS, access) == entries(60)


def test_over_the_payload_limit_30_entries_remain_in_a_legacy_bag(access: BagAccess) -> None:
    assert len(bounded(entries(60), LEGACY_OVERFLOW_BOUNDS, access)) == 1 + 30


@given(st.lists(st.integers(0, 12000), max_size=12))
def test_the_surplus_is_the_least_that_brings_the_list_below_its_bytes(sizes: list[int]) -> None:
    logs: list[Json] = ["x" * size for size in sizes]

    surplus = count_surplus(logs, LEGACY_BOUNDS)

    assert size_of(logs[surplus:]) <= FIELD_LIMIT
    assert surplus == 0 or size_of(logs[surplus - 1 :]) > FIELD_LIMIT


def test_the_largest_part_of_a_large_entry_is_offloaded_first(
    access: BagAccess, storage: StateStorage
) -> None:
    large: JsonObject = {**entry(1), "input": "i" * 20_000, "output": "o" * 25_000, "name": "n"}

    [slim] = bounded([large], V3_BOUNDS, access)

    assert isinstance(slim, dict)
    assert isinstance(slim["output"], dict)
    assert slim["output"]["type"] == "s3_reference"
    assert slim["input"] == "i" * 20_000
    assert access.hydrator.hydrate(slim) == large


def test_a_large_entry_without_an_id_is_recognised_when_it_comes_again(access: BagAccess) -> None:
    large: JsonObject = {"type": "log", "content": "x" * 40_000}
    history = bounded([large], V3_BOUNDS, access)

    assert merge_logs(history, [large], access) == history


def test_an_entry_that_cannot_be_slimmed_is_archived(
    access: BagAccess, storage: StateStorage
) -> None:
    huge: JsonObject = {"id": "huge", "name": "x" * 40_000}
    history = bounded([huge, entry(1)], V3_BOUNDS, access)

    assert history[1:] == [entry(1)]
    assert complete(history, access, storage) == [huge, entry(1)]
