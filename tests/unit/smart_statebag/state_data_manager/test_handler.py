"""The handler, its two action tables, and the public names (Contract 4.1, 11, 13)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.smart_statebag import state_data_manager
from tasks.smart_statebag.bag.envelopes import compress
from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput, UnknownAction
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import keys_of
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.state_data_manager import (
    cached_load_from_s3,
    deduplicate_history_logs,
    lambda_handler,
    lambda_handler_v2,
    load_from_s3,
)
from tasks.smart_statebag.state_data_manager.handler import ACTION_TABLES
from tests.bags import entry, identity
from tests.unit.smart_statebag.state_data_manager.desk import Desk


@pytest.fixture(autouse=True)
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "handler-states").as_uri())


def test_there_are_nine_actions() -> None:
    assert set(ACTION_TABLES["v3"]) == {
        "update_and_compress",
        "sync",
        "sync_branch",
        "aggregate_branches",
        "merge_callback",
        "merge_async",
        "aggregate_distributed",
        "create_snapshot",
        "decompress",
    }


@pytest.mark.parametrize(
    "name",
    [
        "lambda_handler",
        "update_and_compress_state_data",
        "sync_state_data",
        "sync_branch_state",
        "aggregate_branches",
        "merge_callback_result",
        "merge_async_result",
        "aggregate_distributed_results",
        "create_snapshot",
        "decompress",
        "deduplicate_history_logs",
        "cached_load_from_s3",
        "load_from_s3",
    ],
)
def test_the_public_names_are_functions(name: str) -> None:
    assert callable(getattr(state_data_manager, name))


def test_a_missing_action_is_update_and_compress() -> None:
    answer = lambda_handler({"state_data": identity()}, None)

    assert isinstance(answer, dict)
    assert "compression_applied" in answer


def test_the_action_decides() -> None:
    answer = lambda_handler(
        {"action": "sync", "state_data": identity(), "execution_result": {"status": "COMPLETE"}}
    )

    assert isinstance(answer, dict)
    assert answer["next_action"] == "COMPLETE"


@pytest.mark.parametrize("action", ["", "SYNC", "unknown", None, 7, ["sync"]])
def test_an_unknown_action_is_refused_by_name(action: Json) -> None:
    with pytest.raises(UnknownAction) as caught:
        lambda_handler({"action": action, "state_data": identity()})

    assert isinstance(caught.value, ValueError)
    assert type(caught.value).__name__ == "UnknownAction"


@pytest.mark.parametrize("event", [None, [], "text"])
def test_an_event_that_is_no_object_is_invalid(event: Json) -> None:
    with pytest.raises(InvalidInput):
        lambda_handler(event)


def test_the_v2_artefact_knows_two_actions() -> None:
    assert set(ACTION_TABLES["v2"]) == {"update_and_compress", "decompress"}
    assert isinstance(lambda_handler_v2({"state_data": identity()}), dict)
    with pytest.raises(UnknownAction, match="update_and_compress, decompress"):
        lambda_handler_v2({"action": "sync", "state_data": identity()})


def test_decompress_takes_text_or_envelope() -> None:
    envelope = compress({"a": ["차"]}, compressed_at="2027-01-15T08:00:00.000Z")

    for data in (envelope, envelope["data"]):
        answer = lambda_handler({"action": "decompress", "compressed_data": data})
        assert answer == {"a": ["차"]}


@pytest.mark.parametrize("data", [None, "", {}])
def test_decompress_of_nothing_is_a_value_error(data: Json) -> None:
    with pytest.raises(ValueError, match="compressed_data"):
        lambda_handler({"action": "decompress", "compressed_data": data})


def test_decompress_of_what_is_not_compressed_is_a_typed_error() -> None:
    with pytest.raises(CorruptEnvelope):
        lambda_handler({"action": "decompress", "compressed_data": "bm90IGd6aXA="})


def test_both_loads_read_an_object_of_the_state_bucket() -> None:
    written = state_storage().write("dir", {"a": 1})

    assert load_from_s3(written.path, max_retries=1, expected_checksum=written.sha256) == {"a": 1}
    assert cached_load_from_s3(written.path) == {"a": 1}


def test_the_public_deduplication_asks_the_archive() -> None:
    directory = keys_of(identity()).history()
    archive: JsonObject = {"entries": [entry(1)], "previous_s3_path": None, "keys": ["entry-1"]}
    path = state_storage().write(directory, archive).path
    marker: Json = {"type": "history_archive", "s3_path": path, "entry_count": 1}

    merged = deduplicate_history_logs([marker, entry(2)], [entry(1), entry(2), entry(3)])

    assert merged == [marker, entry(2), entry(3)]


def test_the_duration_is_published_even_when_the_action_raises(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        state_data_manager.sync_state_data({"state_data": None}, desk.tools)

    assert [(metric.name, metric.unit) for metric in desk.figures.published] == [
        ("ActionDuration", "Milliseconds")
    ]


def test_the_functions_load_without_celery_engine_or_database() -> None:
    code = (
        "import sys, json, tasks.smart_statebag.state_data_manager; "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    loaded = json.loads(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    )

    assert "boto3" in loaded
    assert not {"celery", "pipeline", "sqlalchemy"} & set(loaded)
