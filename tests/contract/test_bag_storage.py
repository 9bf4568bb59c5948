"""What every object store of the bag must do: S3 over HTTP and a local directory."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import pytest

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import IntegrityError, StorageUnavailable
from tasks.smart_statebag.bag.object_store import ObjectStore, StoreFailure
from tasks.smart_statebag.bag.s3_store import S3Store, s3_client
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock

BUCKET = "state-bucket"


@pytest.fixture(scope="module")
def s3_environment(s3_server: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_S3", s3_server)
        environment.setenv("AWS_ACCESS_KEY_ID", "made-up")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        yield s3_server


@pytest.fixture(scope="module")
def client(s3_environment: str) -> Any:
    """One client for the whole module, since it takes most of a second to make one."""
    made = s3_client()
    made.create_bucket(Bucket=BUCKET)
    return made


@pytest.fixture(params=["s3", "directory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "directory":
        return DirectoryStore(tmp_path, BUCKET)
    client = request.getfixturevalue("client")
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    return S3Store(BUCKET, client)


def test_a_written_object_reads_back_byte_for_byte(store: ObjectStore) -> None:
    store.put("a/b/one.json", '{"글":"차"}'.encode())

    assert store.get("a/b/one.json").body == '{"글":"차"}'.encode()


def test_an_object_without_a_hash_has_none(store: ObjectStore) -> None:
    store.put("plain/one.json", b"1")

    assert store.get("plain/one.json").sha256 is None


def test_a_hash_in_the_metadata_comes_back(store: ObjectStore) -> None:
    digest = hashlib.sha256(b"1").hexdigest()

    store.put("named/latest.json", b"1", sha256=digest)

    assert store.get("named/latest.json").sha256 == digest


def test_rewriting_a_fixed_name_replaces_body_and_hash(store: ObjectStore) -> None:
    for body in (b"1", b"22", b"333"):
        store.put("named/again.json", body, sha256=hashlib.sha256(body).hexdigest())

    found = store.get("named/again.json")

    assert (found.body, found.sha256) == (b"333", hashlib.sha256(b"333").hexdigest())


def test_a_missing_object_is_a_failure(store: ObjectStore) -> None:
    with pytest.raises(StoreFailure):
        store.get("never/written.json")


def test_keys_are_listed_below_their_prefix_in_ascending_order(store: ObjectStore) -> None:
    for key in ("list/b.json", "list/a/deep.json", "list/a.json", "listing.json", "other/x.json"):
        store.put(key, b"1", sha256=hashlib.sha256(b"1").hexdigest())

    assert list(store.list_keys("list/")) == ["list/a.json", "list/a/deep.json", "list/b.json"]
    assert list(store.list_keys("list/a")) == ["list/a.json", "list/a/deep.json"]


def test_nothing_is_listed_where_nothing_was_written(store: ObjectStore) -> None:
    assert list(store.list_keys("nowhere/at/all/")) == []


def test_a_name_and_a_directory_may_share_their_beginning(store: ObjectStore) -> None:
    store.put("chunk-results/chunk_0001/x.json", b"1")
    store.put("chunk-results/chunk_0001.json", b"2")

    assert store.get("chunk-results/chunk_0001.json").body == b"2"


def test_percent_encoded_keys_are_taken_literally(store: ObjectStore) -> None:
    store.put("owners/auth0%7C1/x.json", b"1")

    assert list(store.list_keys("owners/")) == ["owners/auth0%7C1/x.json"]


def test_a_content_address_round_trips_through_the_storage(store: ObjectStore) -> None:
    storage = StateStorage(store, clock=FakeClock())

    written = storage.write("content", {"text": "차 한 잔"})

    assert written.path == f"s3://{BUCKET}/content/{written.sha256}.json"
    assert storage.read(written.path) == {"text": "차 한 잔"}


def test_a_changed_object_is_noticed_by_its_address(store: ObjectStore) -> None:
    storage = StateStorage(store, clock=FakeClock())
    written = storage.write("content", {"a": 1})
    store.put(f"content/{written.sha256}.json", b'{"a":2}')

    with pytest.raises(IntegrityError):
        storage.read(written.path)


def test_a_changed_object_is_noticed_by_its_metadata(store: ObjectStore) -> None:
    storage = StateStorage(store, clock=FakeClock())
    store.put("named/bad.json", b"2", sha256=hashlib.sha256(b"1").hexdigest())

    with pytest.raises(IntegrityError):
        storage.read(f"s3://{BUCKET}/named/bad.json")


def test_a_missing_object_never_reads_as_null(store: ObjectStore) -> None:
    storage = StateStorage(store, clock=FakeClock())

    with pytest.raises(StorageUnavailable):
        storage.read(f"s3://{BUCKET}/gone.json")


@pytest.mark.usefixtures("s3_environment")
def test_objects_in_s3_are_json_with_their_hash_as_metadata() -> None:
    StateStorage(S3Store(BUCKET)).write_named("latest_state.json", {"a": 1})

    head = s3_client().head_object(Bucket=BUCKET, Key="latest_state.json")

    assert head["ContentType"] == "application/json"
    assert head["Metadata"] == {"sha256": hashlib.sha256(b'{"a":1}').hexdigest()}
    assert "ServerSideEncryption" not in head


def test_objects_on_aws_are_written_encrypted(s3_environment: str) -> None:
    client = boto3.session.Session(region_name="us-east-1").client(
        "s3", endpoint_url="https://s3.amazonaws.com"
    )
    sent: list[dict[str, object]] = []

    def answer(params: dict[str, object], **_: object) -> tuple[object, dict[str, object]]:
        sent.append(dict(params["headers"]))  # type: ignore[call-overload]
        raise ConnectionRefusedError

    client.meta.events.register("before-call.s3.PutObject", answer)
    with pytest.raises(ConnectionRefusedError):
        S3Store(BUCKET, client).put("x.json", b"1")

    assert sent[0]["x-amz-server-side-encryption"] == "AES256"


def test_a_bucket_that_does_not_exist_is_unavailable(s3_environment: str) -> None:
    storage = StateStorage(S3Store("no-such-bucket"), clock=FakeClock())

    with pytest.raises(StorageUnavailable):
        storage.write("content", 1)


def test_the_environment_names_the_s3_bucket(
    s3_environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_STORAGE_DIR", raising=False)
    monkeypatch.setenv("STATE_STORAGE_BUCKET", BUCKET)

    written = state_storage().write("from-environment", [1])

    body = s3_client().get_object(Bucket=BUCKET, Key=written.path.removeprefix(f"s3://{BUCKET}/"))
    assert body["Body"].read() == b"[1]"
