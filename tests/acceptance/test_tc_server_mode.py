"""Contract 12: the main paths of TC-1 to TC-4 with workers in processes of their own.

RabbitMQ, Redis, PostgreSQL and an S3 server around two prefork workers.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.smart_statebag import SHIPPED_FUNCTIONS, SmartStateBag
from tests.acceptance.workflows import batch12, big, chain14, dist310h, par25
from tests.clocks import SkippingClock
from tests.platforms import server_platform
from tests.server_processes import own_services

GOLDEN = Path(__file__).with_name("golden") / "big.json"


@pytest.fixture(scope="module")
def statebag(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[SmartStateBag]:
    directory = tmp_path_factory.mktemp("server")
    with (
        own_services(s3_server) as services,
        server_platform(
            directory,
            services,
            functions_file=SHIPPED_FUNCTIONS,
            tables="local",
            event_bus="local",
            sweep_interval_seconds=0.25,
        ) as platform,
    ):
        # The functions that the tests call themselves look around in this process.
        assert platform.app.worker_engine is platform.engine
        yield SmartStateBag(platform=platform, clock=SkippingClock())


@pytest.mark.parametrize("code", ["A", pytest.param("B", marks=pytest.mark.slow)])
def test_tc1_server_the_legacy_machines_come_to_the_golden_state(
    statebag: SmartStateBag, code: str
) -> None:
    recorded = statebag.succeed(code, big())
    assert recorded.final_state == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert not recorded.entered("UpdateStateDataFallback")


def test_tc2_server_the_chain_is_synced_fourteen_times_without_duplicates(
    statebag: SmartStateBag,
) -> None:
    recorded = statebag.succeed("C", chain14())
    assert recorded.bag["loop_counter"] == len(recorded.exited("SyncStateData")) == 14
    ids = [entry["id"] for entry in recorded.log]
    assert len(ids) == len(set(ids))
    assert ids.count("setup") == 1


def test_tc2_server_a_pause_is_answered_and_a_batch_is_folded(statebag: SmartStateBag) -> None:
    execution = statebag.start("C", big(), MOCK_MODE="false")
    answer = {"action": "APPROVED", "comment": "가자"}
    statebag.answer(execution, answer)
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert recorded.final_state == {**golden, "last_hitp_response": answer}
    assert "Item 11" in statebag.succeed("C", batch12()).final_state["latest"]


def test_tc3_server_chunks_are_read_run_paused_written_and_folded(statebag: SmartStateBag) -> None:
    execution = statebag.start("D", dist310h(), MOCK_MODE="false")
    statebag.answer(execution, {"action": "APPROVED"})
    recorded = statebag.finish(execution)
    assert recorded.ended.status == "SUCCEEDED", recorded.ended.cause
    assert len(recorded.children) == 31
    assert recorded.final_state["sequence"] == list(range(310))
    assert recorded.bag["pre_snapshot_s3_path"]
    assert recorded.bag["post_snapshot_s3_path"]


def test_tc4_server_25_branches_are_folded_in_their_order(statebag: SmartStateBag) -> None:
    recorded = statebag.succeed("C", par25())
    state = recorded.final_state
    assert state["findings"] == list(range(25))
    assert all(state[f"b{number}"] == f"{number:04d}" * 3072 for number in range(25))
    assert max(len(text.encode()) for text in recorded.documents()) <= 262144
