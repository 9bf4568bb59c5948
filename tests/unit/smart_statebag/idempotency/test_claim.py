"""Which execution may use an idempotency key (Contract 9.2)."""

import pytest

from tasks.smart_statebag.bag.errors import DuplicateExecution, InvalidInput
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.idempotency import Ending, claim_execution, finish_execution
from tasks.smart_statebag.tables import Table
from tests.bags import ARN, identity
from tests.clocks import NOW, FakeClock

OTHER = f"{ARN}-2"
DAY = 24 * 3600


def bag(execution_id: str = ARN) -> JsonObject:
    return {**identity(), "execution_id": execution_id, "idempotency_key": "key-1"}


def row(table: Table) -> JsonObject:
    found = table.get({"idempotency_key": "key-1"})
    assert found is not None
    return found


def end(
    table: Table, clock: FakeClock, status: str, arn: str = ARN, path: str | None = None
) -> bool:
    ending = Ending(
        execution_arn=arn,
        status=status,
        stop_date=1_800_000_100_000,
        output_path=path,
        error="NodeFailed",
        cause="why",
    )
    return finish_execution("key-1", ending, table=table, clock=clock)


def test_a_claim_writes_the_row_of_the_execution(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(), table=table, clock=clock)

    assert row(table) == {
        "idempotency_key": "key-1",
        "executionArn": ARN,
        "status": "RUNNING",
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        "created_at": "2027-01-15T08:00:00.000Z",
        "ttl": int(NOW) + 8 * DAY,
    }


def test_a_key_that_another_execution_holds_is_refused(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(OTHER), table=table, clock=clock)

    with pytest.raises(DuplicateExecution) as refused:
        claim_execution(bag(), table=table, clock=clock)

    assert refused.value.holder == OTHER
    assert row(table)["executionArn"] == OTHER


def test_the_same_execution_claims_again(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(), table=table, clock=clock)

    claim_execution(bag(), table=table, clock=clock)

    assert row(table)["status"] == "RUNNING"


def test_a_key_of_an_execution_that_failed_is_free(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(OTHER), table=table, clock=clock)
    end(table, clock, "FAILED", OTHER)

    claim_execution(bag(), table=table, clock=clock)

    assert row(table)["executionArn"] == ARN


def test_a_key_of_an_execution_that_succeeded_is_not_free(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(OTHER), table=table, clock=clock)
    end(table, clock, "SUCCEEDED", OTHER)

    with pytest.raises(DuplicateExecution):
        claim_execution(bag(), table=table, clock=clock)


def test_a_key_that_has_expired_is_free(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(OTHER), table=table, clock=clock)
    clock.sleep(8 * DAY + 1)

    claim_execution(bag(), table=table, clock=clock)

    assert row(table)["executionArn"] == ARN


def test_a_bag_without_a_key_cannot_claim(table: Table) -> None:
    with pytest.raises(InvalidInput, match="idempotency_key"):
        claim_execution(identity(), table=table)


def test_a_success_keeps_where_the_output_lies(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(), table=table, clock=clock)

    assert end(table, clock, "SUCCEEDED", path="s3://states/final.json")

    assert row(table) == {
        "idempotency_key": "key-1",
        "executionArn": ARN,
        "status": "SUCCEEDED",
        "ownerId": "owner-1",
        "workflowId": "flow-1",
        "created_at": "2027-01-15T08:00:00.000Z",
        "stopDate": 1_800_000_100_000,
        "output_s3_path": "s3://states/final.json",
        "ttl": int(NOW) + DAY,
    }


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_every_other_end_is_a_failure_with_its_error(
    table: Table, clock: FakeClock, status: str
) -> None:
    claim_execution(bag(), table=table, clock=clock)

    end(table, clock, status)

    assert row(table)["status"] == "FAILED"
    assert row(table)["error"] == {"Error": "NodeFailed", "Cause": "why"}


def test_a_setting_says_how_long_an_end_is_kept(
    table: Table, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTION_TTL_HOURS", "2")
    claim_execution(bag(), table=table, clock=clock)

    end(table, clock, "SUCCEEDED")

    assert row(table)["ttl"] == int(NOW) + 7200


def test_the_end_of_another_execution_changes_nothing(table: Table, clock: FakeClock) -> None:
    claim_execution(bag(), table=table, clock=clock)

    assert not end(table, clock, "FAILED", OTHER)

    assert row(table)["status"] == "RUNNING"


def test_the_end_of_an_execution_without_a_row_makes_none(table: Table, clock: FakeClock) -> None:
    assert not end(table, clock, "FAILED")
    assert table.get({"idempotency_key": "key-1"}) is None
