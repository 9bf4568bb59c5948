"""finalize_execution, fed by status-change events (Contract 9.2)."""

import json

import pytest

from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.finalize_execution import finalize_execution
from tasks.smart_statebag.idempotency import claim_execution
from tasks.smart_statebag.tables import Table
from tests.bags import ARN, identity
from tests.clocks import FakeClock


class Described:
    """An engine that knows one execution, and how often it was asked."""

    def __init__(self, **fields: str) -> None:
        self.asked: list[str] = []
        self._fields: JsonObject = dict(fields)

    def describe_execution(self, execution_arn: str) -> JsonObject:
        self.asked.append(execution_arn)
        return self._fields


INPUT = json.dumps({"ownerId": "owner-1", "idempotency_key": "key-1"})
OUTPUT = json.dumps({"status": "SUCCEEDED", "final_state_s3_path": "s3://states/final.json"})


def event(status: str, **fields: Json) -> JsonObject:
    """The envelope of EventBridge around AWS's own detail."""
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {
            "executionArn": ARN,
            "stateMachineArn": "arn",
            "name": "run-1",
            "status": status,
            "startDate": 1_800_000_000_000,
            "stopDate": 1_800_000_100_000,
            "input": INPUT,
            "output": OUTPUT if status == "SUCCEEDED" else None,
            "error": None,
            "cause": None,
            **fields,
        },
    }


@pytest.fixture
def claimed(table: Table, clock: FakeClock) -> Table:
    claim_execution({**identity(), "idempotency_key": "key-1"}, table=table, clock=clock)
    return table


def finalize(
    given: Json, table: Table, clock: FakeClock, engine: Described | None = None
) -> JsonObject:
    known = engine or Described()
    return finalize_execution(given, describe=lambda: known, table=table, clock=clock)


def row(table: Table) -> JsonObject:
    found = table.get({"idempotency_key": "key-1"})
    assert found is not None
    return found


def test_a_success_is_written_with_the_pointer_of_the_output(
    claimed: Table, clock: FakeClock
) -> None:
    answer = finalize(event("SUCCEEDED"), claimed, clock)

    assert answer == {"updated": True, "idempotency_key": "key-1", "status": "SUCCEEDED"}
    assert row(claimed)["status"] == "SUCCEEDED"
    assert row(claimed)["output_s3_path"] == "s3://states/final.json"
    assert row(claimed)["stopDate"] == 1_800_000_100_000


def test_a_failure_is_written_with_its_error(claimed: Table, clock: FakeClock) -> None:
    finalize(event("FAILED", error="WorkflowExecutionFailed", cause="why"), claimed, clock)

    assert row(claimed)["status"] == "FAILED"
    assert row(claimed)["error"] == {"Error": "WorkflowExecutionFailed", "Cause": "why"}


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
def test_an_end_without_an_error_is_named_by_its_status(
    claimed: Table, clock: FakeClock, status: str
) -> None:
    finalize(event(status), claimed, clock)

    assert row(claimed)["status"] == "FAILED"
    assert row(claimed)["error"] == {"Error": status, "Cause": ""}


def test_a_start_changes_nothing(claimed: Table, clock: FakeClock) -> None:
    assert finalize(event("RUNNING"), claimed, clock)["updated"] is False
    assert row(claimed)["status"] == "RUNNING"


def test_an_event_that_comes_twice_writes_the_same(claimed: Table, clock: FakeClock) -> None:
    finalize(event("SUCCEEDED"), claimed, clock)
    once = row(claimed)

    finalize(event("SUCCEEDED"), claimed, clock)

    assert row(claimed) == once


def test_an_execution_without_a_key_has_no_row(table: Table, clock: FakeClock) -> None:
    answer = finalize(event("SUCCEEDED", input="{}"), table, clock)

    assert answer == {"updated": False, "idempotency_key": None, "status": "SUCCEEDED"}


def test_a_row_of_another_execution_stays(claimed: Table, clock: FakeClock) -> None:
    answer = finalize(event("FAILED", executionArn=f"{ARN}-2"), claimed, clock)

    assert answer["updated"] is False
    assert row(claimed)["status"] == "RUNNING"


def test_what_the_event_leaves_out_is_asked_for_once(claimed: Table, clock: FakeClock) -> None:
    engine = Described(input=INPUT, output=OUTPUT)

    finalize(event("SUCCEEDED", input=None, output=None), claimed, clock, engine)

    assert engine.asked == [ARN]
    assert row(claimed)["output_s3_path"] == "s3://states/final.json"


def test_what_the_event_holds_is_not_asked_for(claimed: Table, clock: FakeClock) -> None:
    engine = Described()

    finalize(event("SUCCEEDED"), claimed, clock, engine)

    assert engine.asked == []


@pytest.mark.parametrize("given", [None, {}, {"detail": {"status": "FAILED"}}, {"detail": {}}])
def test_an_event_of_another_kind_is_refused(table: Table, clock: FakeClock, given: Json) -> None:
    with pytest.raises(InvalidInput):
        finalize(given, table, clock)


def test_an_input_that_is_not_json_is_refused(table: Table, clock: FakeClock) -> None:
    with pytest.raises(CorruptEnvelope):
        finalize(event("FAILED", input="{"), table, clock)
