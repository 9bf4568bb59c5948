"""What every ledger promises about the number of open executions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from pipeline.interpreter.frame import Phase
from pipeline.ledger import executions
from pipeline.ledger.database import Database
from pipeline.ledger.migrations import migrate
from pipeline.ledger.open_executions import count_open
from pipeline.ledger.rows import ExecutionEnd, ExecutionStatus
from pipeline.ledger.state_machines import finish_deletions
from pipeline.ledger.transition import commit, end_at_once
from tests.contract.ledgers import (
    NOW,
    batch_of,
    begin,
    begin_fan_out,
    child_of,
    database,
    describe,
    moved,
    new_execution,
    put,
    succeeded,
    transition_to,
)

__all__ = ["database"]  # a fixture


def machine(region: str, account_id: str) -> str:
    return f"arn:aws:states:{region}:{account_id}:stateMachine:m"


def test_executions_are_open_until_they_end_however_wide_they_are(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    put(database, *(child_of(fan_out, position) for position in range(3)))
    ended, aborted = begin(database), begin(database)
    begin(database)
    assert count(database) == 4
    commit(database, transition_to(moved(ended, phase=Phase.SUCCEEDED), ends=succeeded()))
    end_at_once(
        database,
        aborted.execution_id,
        ExecutionEnd(status=ExecutionStatus.ABORTED, stopped_at=NOW),
        batch_of(aborted),
        describe,
    )
    assert count(database) == 2


def count(database: Database) -> int:
    with database.reading() as connection:
        return count_open(connection, "123456789012", "eu-west-1")


def test_open_executions_are_those_of_an_account_in_a_region(database: Database) -> None:
    for region, account_id in [("r", "1"), ("r", "1"), ("r", "2"), ("s", "1"), ("rx", "1")]:
        begin(database, new_execution(machine_arn=machine(region, account_id)))
    with database.reading() as connection:
        assert count_open(connection, "1", "r") == 2
        assert count_open(connection, "1", "_") == 0


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda connection: count_open(connection, "1", "r"), "COVERING INDEX executions_open"),
        (
            lambda connection: finish_deletions(connection, "arn"),
            "INDEX executions_open (machine_arn=? AND status=?)",
        ),
        (
            lambda connection: executions.overdue_executions(connection, NOW),
            "INDEX executions_with_deadline (deadline_at>? AND deadline_at<?)",
        ),
        (
            lambda connection: executions.executions_of(
                connection, machine_arn="machine", before=(NOW, "id"), limit=1
            ),
            "INDEX executions_by_machine (machine_arn=? AND <expr><?)",
        ),
    ],
    ids=["open", "of a machine", "overdue", "listed"],
)
def test_executions_that_are_not_asked_for_are_not_looked_at(
    tmp_path: Path, ask: Callable[[Connection], object], index: str
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.db'}")
    migrate(database)
    executed: list[tuple[str, Any]] = []
    with database.reading() as connection:
        event.listen(
            connection,
            "before_cursor_execute",
            lambda _1, _2, text, parameters, _3, _4: executed.append((text, parameters)),
        )
        ask(connection)
        text, parameters = executed[0]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
    database.dispose()
    assert index in str(plan)
    assert "TEMP B-TREE" not in str(plan)
