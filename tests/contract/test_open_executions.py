"""The quota of open executions on every ledger: how seldom it counts, and what it still sees."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipeline.engine.open_executions import ExecutionLimitExceeded, OpenExecutions, owner_of
from pipeline.interpreter.frame import Phase
from pipeline.ledger.database import Database
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.transition import commit
from tests.clocks import SkippingClock
from tests.contract.ledgers import (
    begin,
    database,
    database_url,
    moved,
    new_execution,
    own_database,
    succeeded,
    transition_to,
)

__all__ = ["database", "database_url", "own_database"]  # fixtures

OWNER = owner_of(new_execution().arn)


def end(database: Database, root: FrameRow) -> None:
    commit(database, transition_to(moved(root, phase=Phase.SUCCEEDED), ends=succeeded()))


def test_the_owner_of_an_execution_is_told_by_its_arn() -> None:
    assert OWNER == ("123456789012", "eu-west-1")


def test_what_this_process_starts_counts_at_once(database: Database) -> None:
    rooms = OpenExecutions(database, SkippingClock(), most=3)
    for _ in range(3):
        rooms.reserve_slot(*OWNER)
        begin(database)
    with pytest.raises(ExecutionLimitExceeded):
        rooms.reserve_slot(*OWNER)


def test_one_that_ends_at_the_quota_makes_room_within_a_second(database: Database) -> None:
    clock = SkippingClock()
    rooms = OpenExecutions(database, clock, most=2)
    root = begin(database)
    rooms.reserve_slot(*OWNER)
    begin(database)
    with pytest.raises(ExecutionLimitExceeded):
        rooms.reserve_slot(*OWNER)
    end(database, root)
    clock.skipped = 1
    rooms.reserve_slot(*OWNER)


def test_one_that_ends_below_the_quota_makes_room_at_once(database: Database) -> None:
    rooms = OpenExecutions(database, SkippingClock(), most=2)
    for _ in range(6):
        rooms.reserve_slot(*OWNER)
        end(database, begin(database))


def test_what_others_start_is_seen_within_a_second_of_the_quota(database: Database) -> None:
    clock = SkippingClock()
    rooms = OpenExecutions(database, clock, most=3)
    rooms.reserve_slot(*OWNER)
    for _ in range(3):
        begin(database)
    clock.skipped = 1
    with pytest.raises(ExecutionLimitExceeded):
        rooms.reserve_slot(*OWNER)


def test_another_owner_has_a_quota_of_its_own(database: Database) -> None:
    rooms = OpenExecutions(database, SkippingClock(), most=1)
    begin(database)
    with pytest.raises(ExecutionLimitExceeded):
        rooms.reserve_slot(*OWNER)
    rooms.reserve_slot("210987654321", "eu-west-1")
    rooms.reserve_slot("123456789012", "us-east-1")


def test_an_execution_that_is_there_needs_no_room(database: Database) -> None:
    rooms = OpenExecutions(database, SkippingClock(), most=1)
    execution = new_execution()
    begin(database, execution)
    rooms.reserve_slot(*OWNER, existing_arn=execution.arn)
    with pytest.raises(ExecutionLimitExceeded):
        rooms.reserve_slot(*OWNER, existing_arn=f"{execution.arn}-another")


def test_far_below_the_quota_starts_do_not_ask_the_ledger(own_database: Database) -> None:
    clock = SkippingClock()
    rooms = OpenExecutions(own_database, clock)
    rooms.reserve_slot(*OWNER)
    with own_database.durable() as connection:
        connection.execute(text("DROP TABLE executions"))
    clock.skipped = 90
    for _ in range(1000):
        rooms.reserve_slot(*OWNER)
    clock.skipped = 110
    with pytest.raises(DBAPIError):
        rooms.reserve_slot(*OWNER)
