"""What goes to the object store, what stays inline, and how it is found again."""

import hashlib
from pathlib import Path

import pytest

from pipeline.language.json_value import Json
from pipeline.payloads.cache import PayloadCache
from pipeline.payloads.object_store import (
    ObjectCorrupt,
    ObjectMissing,
    ObjectStore,
    ObjectStoreUnavailable,
)
from pipeline.payloads.offload import Payloads
from pipeline.payloads.opening import open_object_store
from pipeline.payloads.pointer import Pointer

LARGE: Json = {"text": "x" * 5000}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def store(root: Path) -> ObjectStore:
    return open_object_store(str(root))


@pytest.fixture
def payloads(store: ObjectStore) -> Payloads:
    return Payloads(store=store, threshold_bytes=100)


def another_process(payloads: Payloads) -> Payloads:
    """The same store seen through an empty cache."""
    return Payloads(store=payloads.store, threshold_bytes=payloads.threshold_bytes)


def offloaded(payloads: Payloads, packed: bytes) -> Pointer:
    pointer = payloads.pointer_of(packed)
    assert pointer is not None
    return pointer


def test_a_value_at_the_threshold_stays_inline(payloads: Payloads) -> None:
    packed = payloads.pack("e1", "x" * 98)  # 100 bytes with the quotes
    assert payloads.pointer_of(packed) is None
    assert payloads.unpack(packed) == "x" * 98
    assert list(payloads.store.keys("")) == []


def test_a_value_above_the_threshold_is_stored_below_its_execution(payloads: Payloads) -> None:
    pointer = offloaded(payloads, payloads.pack("e1", "x" * 99))
    stored = payloads.store.get(pointer.key)
    assert pointer.sha256 == hashlib.sha256(stored).hexdigest()
    assert pointer.size == len(stored)
    assert pointer.key == f"executions/e1/{pointer.sha256}"
    assert [found.key for found in payloads.store.keys("")] == [pointer.key]


def test_the_threshold_counts_bytes_of_utf_8_before_compression(payloads: Payloads) -> None:
    assert payloads.pointer_of(payloads.pack("e1", "상" * 32)) is None  # 98 bytes
    assert payloads.pointer_of(payloads.pack("e1", "상" * 33)) is not None  # 101 bytes
    assert payloads.pointer_of(payloads.pack("e1", "x" * 100_000)) is not None


def test_a_large_value_below_the_threshold_is_compressed_inline(store: ObjectStore) -> None:
    payloads = Payloads(store=store, threshold_bytes=1_000_000)
    packed = payloads.pack("e1", LARGE)
    assert len(packed) < 200
    assert payloads.unpack(packed) == LARGE


def test_user_data_that_looks_like_a_pointer_is_data(payloads: Payloads) -> None:
    pointer = offloaded(payloads, payloads.pack("e1", LARGE))
    lookalikes: list[Json] = [
        {"key": pointer.key, "sha256": pointer.sha256, "size": pointer.size},
        payloads.store.uri(pointer.key),
        "p" + pointer.to_bytes().decode("latin-1"),
    ]
    wide = Payloads(store=payloads.store, threshold_bytes=1000)
    for value in lookalikes:
        packed = wide.pack("e1", value)
        assert wide.pointer_of(packed) is None
        assert wide.unpack(packed) == value


def test_the_writer_does_not_read_its_own_payload_back(payloads: Payloads, root: Path) -> None:
    packed = payloads.pack("e1", LARGE)
    (root / offloaded(payloads, packed).key).unlink()
    assert payloads.unpack(packed) == LARGE


def test_a_payload_is_read_from_the_store_once(payloads: Payloads, root: Path) -> None:
    packed = payloads.pack("e1", LARGE)
    reader = another_process(payloads)
    assert reader.unpack(packed) == LARGE
    (root / offloaded(payloads, packed).key).unlink()
    assert reader.unpack(packed) == LARGE


def test_a_payload_known_as_written_is_not_written_again(payloads: Payloads, root: Path) -> None:
    first = payloads.pack("e1", LARGE)
    stored = root / offloaded(payloads, first).key
    before = stored.stat().st_ino
    assert payloads.pack("e1", LARGE) == first
    assert stored.stat().st_ino == before


def test_a_payload_forgotten_by_the_cache_is_written_again(store: ObjectStore, root: Path) -> None:
    now = 0.0
    payloads = Payloads(store=store, threshold_bytes=100, cache=PayloadCache(lambda: now))
    packed = payloads.pack("e1", LARGE)
    stored = root / offloaded(payloads, packed).key
    stored.unlink()
    now = 300.0
    assert payloads.pack("e1", LARGE) == packed
    assert stored.exists()


def test_each_execution_has_its_own_copy_of_the_same_payload(payloads: Payloads) -> None:
    for execution_id in ("e1", "e2"):
        packed = payloads.pack(execution_id, LARGE)
        assert another_process(payloads).unpack(packed) == LARGE
    assert len(list(payloads.store.keys("executions/e1/"))) == 1
    assert len(list(payloads.store.keys("executions/e2/"))) == 1


def test_a_changed_object_is_not_taken_for_the_payload(payloads: Payloads) -> None:
    packed = payloads.pack("e1", LARGE)
    pointer = offloaded(payloads, packed)
    payloads.store.put(pointer.key, b'j"forged"')
    with pytest.raises(ObjectCorrupt) as caught:
        another_process(payloads).unpack(packed)
    assert caught.value.uri == payloads.store.uri(pointer.key)
    assert caught.value.expected == pointer.sha256
    assert caught.value.actual == hashlib.sha256(b'j"forged"').hexdigest()


def test_a_lost_object_is_named(payloads: Payloads, root: Path) -> None:
    packed = payloads.pack("e1", LARGE)
    pointer = offloaded(payloads, packed)
    (root / pointer.key).unlink()
    with pytest.raises(ObjectMissing) as caught:
        another_process(payloads).unpack(packed)
    assert caught.value.uri == payloads.store.uri(pointer.key)


def test_a_failed_write_is_not_remembered_as_written(payloads: Payloads, root: Path) -> None:
    (root / "executions").write_bytes(b"in the way")
    with pytest.raises(ObjectStoreUnavailable):
        payloads.pack("e1", LARGE)
    (root / "executions").unlink()
    packed = payloads.pack("e1", LARGE)
    assert another_process(payloads).unpack(packed) == LARGE


def test_bytes_that_were_not_packed_are_refused(payloads: Payloads) -> None:
    for packed in (b"", b"j1", b"\x00"):
        with pytest.raises(ValueError, match="not a form of packed values"):
            payloads.unpack(packed)
