"""What every ledger promises about executions and their definitions."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.ledger import executions
from pipeline.ledger.database import Database
from pipeline.ledger.rows import ExecutionEnd, ExecutionRow, ExecutionStatus
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    database,
    new_execution,
)

__all__ = ["database"]  # a fixture


def find(database: Database, execution_id: str) -> ExecutionRow:
    """An execution that must be there."""
    with database.reading() as connection:
        row = executions.find_execution(connection, execution_id)
    assert row is not None
    return row


def test_a_definition_is_stored_once_whoever_stores_it(database: Database) -> None:
    def store(_: int) -> str:
        with database.durable() as connection:
            return executions.put_definition(connection, '{"StartAt": "é"}')

    [definition_id] = set(at_once(6, store))
    with database.reading() as connection:
        assert executions.find_definition(connection, definition_id) == '{"StartAt": "é"}'
        assert executions.find_definition(connection, "another") is None


def test_an_execution_is_found_by_id_and_by_arn(database: Database) -> None:
    execution = new_execution(deadline_at=NOW + 0.5)
    begin(database, execution)
    with database.reading() as connection:
        assert executions.find_execution(connection, execution.id) == execution
        assert executions.find_execution_by_arn(connection, execution.arn) == execution
        assert executions.find_execution(connection, "another") is None
        assert executions.find_execution_by_arn(connection, "another") is None


def test_an_execution_ends_with_all_that_is_known_of_its_end(database: Database) -> None:
    execution = new_execution()
    begin(database, execution)
    end: dict[str, Any] = {
        "status": ExecutionStatus.FAILED,
        "stopped_at": NOW + 3,
        "output": b"output",
        "error": "Error",
        "cause": "cause",
    }
    with database.durable() as connection:
        assert executions.end_execution(connection, execution.id, ExecutionEnd(**end))
    assert find(database, execution.id) == replace(execution, **end)


def test_an_execution_ends_once(database: Database) -> None:
    execution = new_execution()
    begin(database, execution)

    def end(number: int) -> bool:
        with database.durable() as connection:
            end = ExecutionEnd(status=ExecutionStatus.ABORTED, stopped_at=NOW + number)
            return executions.end_execution(connection, execution.id, end)

    ended = at_once(6, end)
    assert ended.count(True) == 1
    assert find(database, execution.id).stopped_at == NOW + ended.index(True)


@pytest.mark.parametrize(
    ("status", "deadline_at", "overdue"),
    [
        (ExecutionStatus.RUNNING, NOW, True),
        (ExecutionStatus.RUNNING, NOW + 1, False),
        (ExecutionStatus.RUNNING, None, False),
        (ExecutionStatus.SUCCEEDED, NOW - 1, False),
    ],
)
def test_running_executions_are_overdue_after_their_deadline(
    database: Database, status: ExecutionStatus, deadline_at: float | None, overdue: bool
) -> None:
    execution = new_execution(status=status, deadline_at=deadline_at)
    begin(database, execution)
    with database.reading() as connection:
        found = executions.overdue_executions(connection, NOW)
    assert found == ([execution] if overdue else [])


def test_executions_are_listed_by_their_end_or_their_latest_start(database: Database) -> None:
    times: list[dict[str, float]] = [
        {"started_at": NOW, "stopped_at": NOW + 5},
        {"started_at": NOW + 4},
        {"started_at": NOW, "redriven_at": NOW + 3},
        {"started_at": NOW + 1, "redriven_at": NOW + 6, "stopped_at": NOW + 2},
    ]
    for number, given in enumerate(times):
        begin(database, new_execution(id=f"e{number}", **given))
    machine_arn = new_execution().machine_arn
    with database.reading() as connection:
        listed = executions.executions_of(connection, machine_arn=machine_arn, limit=9)
    assert [row.id for row in listed] == ["e0", "e1", "e2", "e3"]
