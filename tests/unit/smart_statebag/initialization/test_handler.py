"""InitializeStateData as it is deployed: settings from the environment, tables of the process."""

import pytest

from tasks.smart_statebag.bag.errors import (
    DuplicateExecution,
    InvalidWorkflowConfig,
    MissingSetting,
)
from tasks.smart_statebag.initialize_state_data import lambda_handler
from tasks.smart_statebag.tables import IDEMPOTENCY, WORKFLOWS, open_table
from tests.unit.smart_statebag.workflow.graphs import workflow

ARN = "arn:aws:states:eu-central-1:123456789012:execution:statebag:"


@pytest.fixture(autouse=True)
def embedded(monkeypatch, tmp_path, local_tables) -> None:
    monkeypatch.setenv("STATE_STORAGE_BUCKET", "bucket")
    monkeypatch.setenv("STATE_STORAGE_DIR", str(tmp_path))


def start(name, **given):
    event = {"input": {"ownerId": "o", "workflowId": "w", **given}, "execution_id": ARN + name}
    return lambda_handler(event, None)


def row_of(key):
    return open_table(IDEMPOTENCY).get({"idempotency_key": key})


def test_key_is_claimed_for_the_execution() -> None:
    start("one", workflow_config=workflow("a"), idempotency_key="k")
    row = row_of("k")
    assert (row["executionArn"], row["status"]) == (ARN + "one", "RUNNING")
    assert (row["ownerId"], row["workflowId"]) == ("o", "w")


def test_same_execution_may_claim_again_another_may_not() -> None:
    given = {"workflow_config": workflow("a"), "idempotency_key": "k"}
    start("one", **given)
    start("one", **given)
    with pytest.raises(DuplicateExecution) as refusal:
        start("two", **given)
    assert refusal.value.holder == ARN + "one"


@pytest.mark.parametrize("change", [{"status": "FAILED"}, {"ttl": 5}])
def test_failed_or_expired_row_is_taken_over(change) -> None:
    given = {"workflow_config": workflow("a"), "idempotency_key": "k"}
    start("one", **given)
    open_table(IDEMPOTENCY).put({**row_of("k"), **change})
    start("two", **given)
    assert row_of("k")["executionArn"] == ARN + "two"


def test_succeeded_row_is_not_taken_over() -> None:
    given = {"workflow_config": workflow("a"), "idempotency_key": "k"}
    start("one", **given)
    open_table(IDEMPOTENCY).put({**row_of("k"), "status": "SUCCEEDED"})
    with pytest.raises(DuplicateExecution):
        start("two", **given)


def test_stored_workflow_is_found_by_owner_and_workflow() -> None:
    open_table(WORKFLOWS).put({"ownerId": "o", "workflowId": "w", "config": workflow("a->b")})
    assert start("one")["partition_map"][0]["node_ids"] == ["a", "b"]


def test_without_a_stored_workflow_there_is_no_configuration(monkeypatch) -> None:
    with pytest.raises(InvalidWorkflowConfig):
        start("one")
    monkeypatch.delenv("WORKFLOWS_TABLE")
    with pytest.raises(InvalidWorkflowConfig):
        start("one")


def test_key_needs_a_table(monkeypatch) -> None:
    monkeypatch.delenv("IDEMPOTENCY_TABLE")
    with pytest.raises(MissingSetting):
        start("one", workflow_config=workflow("a"), idempotency_key="k")
    assert start("one", workflow_config=workflow("a"))["total_segments"] == 1
