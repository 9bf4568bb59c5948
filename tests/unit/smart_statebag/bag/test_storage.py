"""Attempts, hashes and the cache (Contract 3.3)."""

import hashlib
from pathlib import Path

import pytest

from tasks.smart_statebag.bag.cache import ObjectCache
from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import (
    CorruptEnvelope,
    IntegrityError,
    NotSerialisable,
    PointerOutOfScope,
    StorageUnavailable,
)
from tasks.smart_statebag.bag.storage import ReadCounts, StateStorage
from tests.bags import BUCKET, FailingStore
from tests.clocks import FakeClock


def failing(path: Path, clock: FakeClock, **failures: int) -> tuple[StateStorage, FailingStore]:
    store = FailingStore(DirectoryStore(path, BUCKET), **failures)
    return StateStorage(store, clock=clock), store


def test_equal_values_are_written_to_one_place(storage: StateStorage) -> None:
    assert storage.write("dir", {"a": 1}) == storage.write("dir", {"a": 1})


def test_the_address_is_the_whole_hash_of_the_stored_bytes(storage: StateStorage) -> None:
    written = storage.write("dir", {"a": "차"})

    digest = hashlib.sha256('{"a":"차"}'.encode()).hexdigest()
    assert written.path == f"s3://{BUCKET}/dir/{digest}.json"
    assert (written.sha256, written.size_bytes) == (digest, 11)


def test_what_is_not_json_is_not_written(storage: StateStorage) -> None:
    with pytest.raises(NotSerialisable):
        storage.write("dir", float("nan"))


def test_two_failed_reads_are_tried_again_after_growing_pauses(
    tmp_path: Path, clock: FakeClock
) -> None:
    storage, _ = failing(tmp_path, clock, gets=2)
    written = storage.write("dir", [1])

    assert storage.read(written.path) == [1]
    assert clock.slept == [0.5, 1.0]


def test_the_third_failed_read_is_the_last(tmp_path: Path, clock: FakeClock) -> None:
    storage, store = failing(tmp_path, clock, gets=3)

    with pytest.raises(StorageUnavailable) as caught:
        storage.read(f"s3://{BUCKET}/dir/x.json")

    assert caught.value.attempts == 3
    assert caught.value.reason == "503 SlowDown"
    assert len(store.requests) == 3


def test_no_pause_is_longer_than_eight_seconds(tmp_path: Path, clock: FakeClock) -> None:
    storage, _ = failing(tmp_path, clock, gets=7)

    with pytest.raises(StorageUnavailable):
        storage.read(f"s3://{BUCKET}/dir/x.json", max_retries=7)

    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def test_the_third_failed_write_raises_and_leaves_nothing(tmp_path: Path, clock: FakeClock) -> None:
    storage, _ = failing(tmp_path, clock, puts=3)

    with pytest.raises(StorageUnavailable):
        storage.write("dir", {"a": 1})

    assert list(storage.list_pointers("")) == []


def test_a_write_that_fails_twice_is_whole_in_the_end(tmp_path: Path, clock: FakeClock) -> None:
    storage, _ = failing(tmp_path, clock, puts=2)

    written = storage.write("dir", {"a": 1})

    assert storage.read(written.path) == {"a": 1}


def test_a_listing_is_tried_three_times(tmp_path: Path, clock: FakeClock) -> None:
    storage, store = failing(tmp_path, clock, lists=3)

    with pytest.raises(StorageUnavailable):
        storage.list_pointers("dir/")

    assert store.requests == [("list", "dir/")] * 3


def test_bytes_with_another_hash_are_read_three_times(tmp_path: Path, clock: FakeClock) -> None:
    storage, store = failing(tmp_path, clock)
    written = storage.write("dir", {"a": 1})
    store.put(written.path.removeprefix(f"s3://{BUCKET}/"), b'{"a":2}')

    with pytest.raises(IntegrityError) as caught:
        storage.read(written.path)

    assert caught.value.expected == written.sha256
    assert caught.value.actual == hashlib.sha256(b'{"a":2}').hexdigest()
    assert [request for request, _ in store.requests].count("get") == 3


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_an_expected_checksum_may_be_sha256_or_md5(storage: StateStorage, algorithm: str) -> None:
    written = storage.write("dir", [1])
    digest = hashlib.new(algorithm, b"[1]", usedforsecurity=False).hexdigest()

    assert storage.read(written.path, expected_checksum=digest.upper()) == [1]


@pytest.mark.parametrize("checksum", ["0" * 32, "0" * 64])
@pytest.mark.parametrize("cached", [False, True])
def test_another_checksum_than_expected_is_refused(
    storage: StateStorage, checksum: str, cached: bool
) -> None:
    written = storage.write("dir", [1])
    read = storage.read_cached if cached else storage.read
    read(written.path)

    with pytest.raises(IntegrityError):
        read(written.path, expected_checksum=checksum)


def test_an_object_that_is_not_json_is_named(tmp_path: Path, clock: FakeClock) -> None:
    storage, store = failing(tmp_path, clock)
    store.put("dir/bad.json", b"{")

    with pytest.raises(CorruptEnvelope, match=r"dir/bad\.json"):
        storage.read(f"s3://{BUCKET}/dir/bad.json")


def test_another_bucket_is_out_of_scope(storage: StateStorage) -> None:
    with pytest.raises(PointerOutOfScope):
        storage.read("s3://elsewhere/dir/x.json")


@pytest.mark.parametrize("key", ["../x.json", "a/../../x.json", "a//b", ".sha256/x"])
def test_no_key_leads_out_of_the_directory(storage: StateStorage, key: str) -> None:
    with pytest.raises(StorageUnavailable):
        storage.write_named(key, 1)


def test_every_get_request_is_counted(tmp_path: Path, clock: FakeClock) -> None:
    storage, _ = failing(tmp_path, clock, gets=1)
    written = storage.write("dir", [1])
    counts = ReadCounts()

    storage.read(written.path, counts=counts)

    assert (counts.s3_gets, counts.cache_hits) == (2, 0)


def test_a_second_cached_read_makes_no_request(storage: StateStorage) -> None:
    written = storage.write("dir", [1])
    counts = ReadCounts()

    storage.read_cached(written.path, counts=counts)
    storage.read_cached(written.path, counts=counts)

    assert (counts.s3_gets, counts.cache_hits) == (1, 1)


def test_the_plain_read_neither_asks_nor_fills_the_cache(storage: StateStorage) -> None:
    written = storage.write("dir", [1])
    counts = ReadCounts()
    storage.read_cached(written.path)

    storage.read(written.path, counts=counts)

    assert (counts.s3_gets, counts.cache_hits) == (1, 0)


def test_every_reader_of_a_cached_object_gets_its_own_value(storage: StateStorage) -> None:
    written = storage.write("dir", [1])
    first = storage.read_cached(written.path)
    assert isinstance(first, list)

    first.append(2)

    assert storage.read_cached(written.path) == [1]


def test_a_failed_read_is_not_cached(tmp_path: Path, clock: FakeClock) -> None:
    storage, _ = failing(tmp_path, clock, gets=3)
    written = storage.write("dir", [1])
    with pytest.raises(StorageUnavailable):
        storage.read_cached(written.path)

    assert storage.read_cached(written.path) == [1]


def test_the_cache_never_has_more_than_20_entries() -> None:
    cache = ObjectCache(max_entries=100, clock=FakeClock())

    for number in range(25):
        cache.put(str(number), b"")

    assert len(cache) == 20


def test_the_least_recently_used_entry_leaves_first() -> None:
    cache = ObjectCache(max_entries=2, clock=FakeClock())
    cache.put("a", b"1")
    cache.put("b", b"2")
    cache.get("a")

    cache.put("c", b"3")

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"1", None, b"3")


def test_an_entry_lives_300_seconds_from_its_insertion() -> None:
    clock = FakeClock()
    cache = ObjectCache(clock=clock)
    cache.put("a", b"1")

    clock.time += 300
    assert cache.get("a") == b"1"
    clock.time += 0.001
    assert cache.get("a") is None


def test_reading_does_not_prolong_the_life_of_an_entry() -> None:
    clock = FakeClock()
    cache = ObjectCache(clock=clock)
    cache.put("a", b"1")
    clock.time += 200
    cache.get("a")
    clock.time += 101

    assert cache.get("a") is None


def test_a_cache_of_no_entries_keeps_nothing() -> None:
    cache = ObjectCache(max_entries=0, clock=FakeClock())

    cache.put("a", b"1")

    assert cache.get("a") is None


def test_a_crash_between_hash_and_body_leaves_the_old_object_readable(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = DirectoryStore(tmp_path, BUCKET)
    storage = StateStorage(store, clock=clock)
    old = storage.write_named("latest_state.json", 1)
    body_file = tmp_path / BUCKET / "latest_state.json"
    before = body_file.read_bytes()
    storage.write_named("latest_state.json", 2)
    body_file.write_bytes(before)

    assert storage.read(old.path) == 1
