"""How the environment names the state bucket (Contract 3.3)."""

from pathlib import Path

import pytest

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.bag.s3_store import S3Store
from tasks.smart_statebag.bag.state_bucket import (
    BUCKET_ALIASES,
    bucket_setting,
    cached_load_from_s3,
    load_from_s3,
    open_store,
    state_storage,
)
from tasks.smart_statebag.bag.storage import ReadCounts


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_STORAGE_BUCKET", "STATE_STORAGE_DIR", "STATE_CACHE_ENTRIES"):
        monkeypatch.delenv(name, raising=False)
    for name in BUCKET_ALIASES:
        monkeypatch.delenv(name, raising=False)


def test_a_missing_bucket_is_named_at_first_use() -> None:
    with pytest.raises(MissingSetting, match="STATE_STORAGE_BUCKET"):
        load_from_s3("s3://bucket/x.json")


def test_the_first_variable_wins_in_the_order_of_the_contract(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("STATE_STORAGE_BUCKET", "S3_BUCKET", "SKELETON_S3_BUCKET", "WORKFLOW_STATE_BUCKET")
    found = []
    for name in reversed(names):
        monkeypatch.setenv(name, name.lower())
        found.append(bucket_setting())

    assert found == [name.lower() for name in reversed(names)]


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", "")
    monkeypatch.setenv("S3_BUCKET", "alias")

    assert bucket_setting() == "alias"


def test_a_file_address_is_a_directory_whose_name_is_the_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "my bucket").as_uri())

    written = state_storage().write("dir", [1])

    assert written.path == f"s3://my bucket/dir/{written.sha256}.json"
    assert (tmp_path / "my bucket" / "dir" / f"{written.sha256}.json").read_bytes() == b"[1]"


def test_with_a_directory_the_bucket_lies_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", "states")
    monkeypatch.setenv("STATE_STORAGE_DIR", str(tmp_path))

    written = state_storage().write("dir", [1])

    assert load_from_s3(written.path) == [1]
    assert (tmp_path / "states" / "dir" / f"{written.sha256}.json").exists()


def test_a_plain_name_is_a_bucket_in_s3() -> None:
    assert isinstance(open_store("states"), S3Store)


def test_the_cache_lives_from_call_to_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "states").as_uri())
    written = state_storage().write("dir", [1])
    cached_load_from_s3(written.path)
    counts = ReadCounts()

    state_storage().read_cached(written.path, counts=counts)

    assert counts.cache_hits == 1


def test_the_cache_can_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "states").as_uri())
    monkeypatch.setenv("STATE_CACHE_ENTRIES", "0")
    written = state_storage().write("dir", [1])
    counts = ReadCounts()

    state_storage().read_cached(written.path, counts=counts)
    state_storage().read_cached(written.path, counts=counts)

    assert (counts.s3_gets, counts.cache_hits) == (2, 0)
