"""The two rollbacks of the contract's section 11, on a running system."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.asl.state_machine_files import read_definition
from config.local_deployment import local_deployment
from pipeline.executions.starting import start_machine
from pipeline.ledger.rows import ExecutionRow
from pipeline.state_machines.aliases import create_alias, update_alias
from pipeline.state_machines.machines import create_state_machine, update_state_machine
from pipeline.state_machines.versions import publish_version
from tasks.smart_statebag.bag.keys import ROOT, encode_part
from tasks.smart_statebag.bag.state_bucket import state_storage
from tests.acceptance.smart_statebag import OWNER, SmartStateBag, embedded_statebag
from tests.acceptance.state_machine_documents import FILE_OF
from tests.acceptance.workflows import big

OLD_STATE_DATA_MANAGER = {
    "StateDataManager": "tasks.smart_statebag.state_data_manager.handler:lambda_handler_v2"
}


@pytest.fixture
def statebag(tmp_path: Path) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path) as made:
        yield made


@pytest.fixture
def old_state_data_manager(tmp_path: Path) -> Iterator[SmartStateBag]:
    with embedded_statebag(tmp_path, altered=OLD_STATE_DATA_MANAGER) as made:
        yield made


def definition_of(statebag: SmartStateBag, code: str) -> str:
    values = local_deployment(statebag.platform.engine.settings).substitutions()
    return read_definition(FILE_OF[code], values)


def start_live(statebag: SmartStateBag, alias_arn: str, **given: Any) -> ExecutionRow:
    directory = f"{ROOT}/{encode_part(OWNER)}/workflows"
    stored = state_storage().write(directory, big())
    identity = {"ownerId": OWNER, "workflowId": "acceptance", "MOCK_MODE": "true"}
    return start_machine(
        statebag.platform.engine,
        alias_arn,
        input={**identity, "workflow_config_s3_path": stored.path, **given},
    )


def test_rollback_1_ends_what_waits_on_v3_and_starts_the_legacy_machine(
    statebag: SmartStateBag,
) -> None:
    engine = statebag.platform.engine
    machine = create_state_machine(engine, name="standard", definition=definition_of(statebag, "C"))
    v3 = publish_version(engine, machine.arn)
    live = create_alias(engine, name="live", routing=[(v3.arn, 100)])
    waiting = start_live(statebag, live.arn, MOCK_MODE="false")
    statebag.open_questions(waiting)

    update_state_machine(engine, machine.arn, definition=definition_of(statebag, "A"))
    legacy = publish_version(engine, machine.arn)
    update_alias(engine, live.arn, routing=[(legacy.arn, 100)])

    started_after = statebag.finish(start_live(statebag, live.arn))
    assert started_after.ended.status == "SUCCEEDED"
    assert started_after.entered("UpdateStateData")
    assert not started_after.entered("SyncStateData")

    statebag.answer(waiting, {"action": "APPROVED"})
    resumed = statebag.finish(waiting)
    assert resumed.ended.status == "SUCCEEDED"
    assert resumed.entered("MergeCallbackResult")
    assert not resumed.entered("UpdateStateData")


@pytest.mark.parametrize("code", ["A", "B"])
def test_rollback_2_leaves_the_legacy_machines_as_they_were(
    old_state_data_manager: SmartStateBag, code: str
) -> None:
    rolled_back = old_state_data_manager.succeed(code, big())
    assert not rolled_back.entered("UpdateStateDataFallback")
    assert rolled_back.final_state["text"] == big()["nodes"][1]["config"]["sets"]["text"]


def test_rollback_2_knows_no_sync(old_state_data_manager: SmartStateBag) -> None:
    failed = old_state_data_manager.run("C", big())
    assert failed.ended.status == "FAILED"
    assert "UnknownAction" in failed.ended.cause
