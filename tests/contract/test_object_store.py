"""What every object store promises."""

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3
import pytest

from pipeline.payloads.object_store import (
    ObjectCorrupt,
    ObjectMissing,
    ObjectStore,
    ObjectStoreUnavailable,
    StoredObject,
)
from pipeline.payloads.opening import open_object_store
from tests.contract.object_stores import broken_store, store, store_url

__all__ = ["broken_store", "store", "store_url"]  # fixtures


@pytest.mark.parametrize(
    "data", [b"", b"x", bytes(range(256)), b"large" * 1_300_000], ids=["empty", "1", "256", "6.5M"]
)
def test_an_object_is_read_as_it_was_written(store: ObjectStore, data: bytes) -> None:
    store.put("executions/a/1", data)
    assert store.get("executions/a/1") == data


@pytest.mark.parametrize(
    "key", ["flat", "a b/c+d", "arn:aws:states:eu:0:e/x", "50%/q?u#e", "상태/é", "a/..b/.c"]
)
def test_any_text_can_be_a_part_of_a_key(store: ObjectStore, key: str) -> None:
    store.put(key, b"data")
    assert store.get(key) == b"data"
    assert list(store.keys("")) == [StoredObject(key=key, size=4)]


def test_the_second_put_of_a_key_replaces_the_first(store: ObjectStore) -> None:
    store.put("a/b", b"a longer first one")
    store.put("a/b", b"second")
    assert store.get("a/b") == b"second"
    assert [found.size for found in store.keys("")] == [6]


def test_a_missing_object_is_named_by_its_uri(store: ObjectStore) -> None:
    store.put("a/b", b"")
    for key in ("a", "a/c", "a/b/c", "c/d"):
        with pytest.raises(ObjectMissing) as caught:
            store.get(key)
        assert caught.value.uri == store.uri(key)


def test_a_deleted_object_is_not_there_and_may_be_deleted_again(store: ObjectStore) -> None:
    for key in ("a/b", "a/c"):
        store.put(key, b"data")
    for _ in range(2):
        store.delete("a/b")
    with pytest.raises(ObjectMissing):
        store.get("a/b")
    assert [found.key for found in store.keys("")] == ["a/c"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", {"e/aa/1": 1, "e/aa/2": 2, "e/ab/1": 3, "f/1": 4}),
        ("e/", {"e/aa/1": 1, "e/aa/2": 2, "e/ab/1": 3}),
        ("e/a", {"e/aa/1": 1, "e/aa/2": 2, "e/ab/1": 3}),
        ("e/aa/", {"e/aa/1": 1, "e/aa/2": 2}),
        ("e/aa/1", {"e/aa/1": 1}),
        ("g", {}),
        ("g/h/", {}),
    ],
)
def test_a_listing_holds_the_keys_below_a_prefix(
    store: ObjectStore, prefix: str, expected: dict[str, int]
) -> None:
    for key, size in {"e/aa/1": 1, "e/aa/2": 2, "e/ab/1": 3, "f/1": 4}.items():
        store.put(key, b"." * size)
    assert {found.key: found.size for found in store.keys(prefix)} == expected


def test_a_listing_of_a_new_store_is_empty(store: ObjectStore) -> None:
    assert list(store.keys("")) == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        "./a",
        ".hidden",
        "\0",
        "a\n",
    ],
)
def test_a_key_that_could_leave_the_store_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="cannot be the key"):
        store.put(key, b"")
    with pytest.raises(ValueError, match="cannot be the key"):
        store.get(key)


def test_two_stores_of_one_url_hold_the_same_objects(store_url: str) -> None:
    open_object_store(store_url).put("a/b", b"data")
    assert open_object_store(store_url).get("a/b") == b"data"


def test_a_reader_never_sees_half_an_object(store: ObjectStore) -> None:
    versions = [bytes([number]) * 200_000 for number in range(4)]
    store.put("a/b", versions[0])
    written = threading.Event()

    def read() -> set[bytes]:
        seen = {store.get("a/b")}
        while not written.is_set():
            seen.add(store.get("a/b"))
        return seen

    with ThreadPoolExecutor(1) as threads:
        reader = threads.submit(read)
        try:
            # One after another: moto loses the file of an object that two clients replace at once.
            for data in versions * 5:
                store.put("a/b", data)
        finally:
            written.set()
    assert reader.result() <= set(versions)
    assert len(list(store.keys(""))) == 1


def test_a_store_that_cannot_be_used_says_which(broken_store: ObjectStore) -> None:
    with pytest.raises(ObjectStoreUnavailable) as caught:
        broken_store.put("a/b", b"data")
    assert caught.value.uri == broken_store.uri("a/b")
    with pytest.raises(ObjectStoreUnavailable) as caught:
        broken_store.get("a/b")
    assert caught.value.uri == broken_store.uri("a/b")
    with pytest.raises(ObjectStoreUnavailable):
        broken_store.delete("a/b")
    with pytest.raises(ObjectStoreUnavailable):
        list(broken_store.keys(""))


@pytest.mark.parametrize(
    "error",
    [
        ObjectStoreUnavailable("s3://b/k", "timed out"),
        ObjectMissing("s3://b/k"),
        ObjectCorrupt("s3://b/k", "00", "ff"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_the_way_between_processes(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy).startswith("s3://b/k: ")


def test_the_uri_of_a_file_leads_to_the_object(tmp_path: Path) -> None:
    store = open_object_store(str(tmp_path / "with space"))
    store.put("a/b c", b"data")
    assert Path(unquote(urlsplit(store.uri("a/b c")).path)).read_bytes() == b"data"


def test_the_uri_in_s3_leads_to_the_object(s3_bucket: str) -> None:
    store = open_object_store(f"s3://{s3_bucket}/some/prefix/")
    store.put("a/b", b"data")
    assert store.uri("a/b") == f"s3://{s3_bucket}/some/prefix/a/b"
    client = boto3.session.Session().client("s3")
    answer = client.get_object(Bucket=s3_bucket, Key="some/prefix/a/b")
    assert answer["Body"].read() == b"data"


def test_a_prefix_hides_the_rest_of_the_bucket(s3_bucket: str) -> None:
    open_object_store(f"s3://{s3_bucket}").put("other/a", b"")
    store = open_object_store(f"s3://{s3_bucket}/mine")
    store.put("a", b"data")
    assert list(store.keys("")) == [StoredObject(key="a", size=4)]


def test_a_listing_in_s3_goes_on_after_the_first_page(
    s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")  # read by the server: 1000 in S3
    store = open_object_store(f"s3://{s3_bucket}")
    expected = {f"a/{number}" for number in range(7)}
    for key in expected:
        store.put(key, b"")
    assert {found.key for found in store.keys("a/")} == expected


@pytest.mark.parametrize("url", ["", "s3://", "s3:///prefix", "gs://b", "file://", "file://host/p"])
def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="names no object store"):
        open_object_store(url)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ObjectStoreUnavailable, match="file/objects"):
        open_object_store(str(tmp_path / "file" / "objects"))
