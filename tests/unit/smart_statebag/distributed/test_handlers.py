"""The handlers as Lambda calls them: everything they need is named by the environment."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from pipeline.integrations.services.local_tables import LocalTables
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.state_bucket import state_storage
from tests.bags import ARN
from tests.clocks import FakeClock
from tests.process_services import Offer
from tests.unit.smart_statebag.distributed.desk import ChunkDesk, open_desk
from tests.unit.smart_statebag.distributed.workflows import chained
from tests.waiting_engine import WaitingEngine


def call(function: str, event: Json) -> Any:
    return importlib.import_module(f"tasks.{function}").lambda_handler(event, None)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_tables: LocalTables) -> ChunkDesk:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", (tmp_path / "states").as_uri())
    return open_desk(chained(4, hitp=2), state_storage(), FakeClock())


def test_b_runs_pauses_and_goes_on(desk: ChunkDesk, offer: Offer) -> None:
    offer(engine=(engine := WaitingEngine(waiting={"token-1"})))
    shared = desk.serial_fields()
    prepared = call("prepare_distributed_execution", {"state_data": desk.bag})
    item = desk.storage.read(desk.storage.pointer(prepared["chunks_key"]))[0]  # type: ignore[index]

    initial = desk.bag["state_s3_path"]
    loaded = call("load_latest_state", {**shared, "chunk_data": item, "state_s3_path": initial})
    paused = call("process_segment_chunk", {**shared, **loaded, "chunk_data": item})
    assert call("save_latest_state", {**shared, **paused})["saved"] is True
    place: JsonObject = {"parent_execution_id": ARN, "chunk_id": "chunk_0000"}
    token: JsonObject = {"TaskToken": "token-1", "MOCK_MODE": None}
    stored = call(
        "store_distributed_task_token",
        {**shared, **token, "chunk_result": paused, "distributed_context": place},
    )
    answered = call(
        "resume", {"ownerId": "owner-1", "pause_id": stored["pause_id"], "feedback": "yes"}
    )
    callback = engine.successes["token-1"]
    done = call(
        "resume_chunk_processing",
        {**shared, "chunk_result": paused, "callback_result": callback, "chunk_data": item},
    )
    results: JsonObject = {"distributed_results": [done], "state_data": desk.bag}
    aggregated = call("aggregate_distributed_results", results)

    assert answered["statusCode"] == 200
    assert (done["status"], aggregated["status"]) == ("COMPLETED", "COMPLETED")
    assert aggregated["final_state"]["sequence"] == [0, 1, 2, 3]
    assert aggregated["final_state"]["last_hitp_response"] == "yes"


def test_a_pause_of_a_main_loop_is_stored_answered_and_merged(
    desk: ChunkDesk, offer: Offer
) -> None:
    offer(engine=(engine := WaitingEngine(waiting={"token-1"})))

    call("store_task_token", {"TaskToken": "token-1", "state_data": desk.bag})
    merged = call(
        "merge_callback",
        {"state_data": desk.bag, "callback_result": engine.successes["token-1"]},
    )

    assert merged["new_current_state"]["last_hitp_response"] == {
        "action": "APPROVED",
        "comment": "mock",
    }


def test_an_execution_without_a_row_ends_quietly(desk: ChunkDesk) -> None:
    detail: JsonObject = {
        "executionArn": ARN,
        "status": "FAILED",
        "input": '{"idempotency_key": "key-1"}',
    }

    assert call("finalize_execution", {"detail": detail})["updated"] is False
