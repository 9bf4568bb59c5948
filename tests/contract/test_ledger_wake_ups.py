"""What every ledger promises to the sweeper: what is due, and who may wake it."""

from dataclasses import replace

import pytest

from pipeline.interpreter.frame import Phase
from pipeline.ledger import due_frames, frames
from pipeline.ledger.database import Database
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.transition import commit
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    database,
    frame,
    moved,
    transition_to,
)

__all__ = ["database"]  # a fixture


def due(database: Database, limit: int = 100) -> list[FrameRow]:
    """What is due now."""
    with database.reading() as connection:
        return due_frames.due(connection, NOW, limit)


def test_frames_are_due_when_their_time_has_come_longest_overdue_first(
    database: Database,
) -> None:
    rows = [begin(database, wake_at=at) for at in (NOW, NOW - 5, NOW + 0.001, None, NOW - 2)]
    assert due(database) == [rows[1], rows[4], rows[0]]
    assert due(database, limit=2) == [rows[1], rows[4]]


def test_each_due_frame_is_reserved_by_one_of_several_sweepers(database: Database) -> None:
    rows = [begin(database, wake_at=NOW - number) for number in range(12)]

    def sweep(_: int) -> list[str]:
        reserved = []
        for row in due(database):
            with database.statement() as connection:
                if due_frames.postpone(connection, row, NOW + 30):
                    reserved.append(row.id)
        return reserved

    reserved = [frame_id for ids in at_once(4, sweep) for frame_id in ids]
    assert sorted(reserved) == sorted(row.id for row in rows)
    assert due(database) == []
    assert frame(database, rows[0].id) == replace(rows[0], wake_at=NOW + 30, wake_ups=1)


def test_a_frame_that_has_moved_is_not_postponed(database: Database) -> None:
    root = begin(database, wake_at=NOW)
    row = moved(root)
    commit(database, transition_to(row))
    with database.statement() as connection:
        assert not due_frames.postpone(connection, root, NOW + 30)
    assert frame(database, root.id) == row


def test_wake_ups_that_go_unanswered_are_counted(database: Database) -> None:
    row = begin(database, wake_at=NOW)
    for count in (1, 2):
        with database.statement() as connection:
            assert due_frames.postpone(connection, row, row.wake_at or NOW)
        row = frame(database, row.id)
        assert row.wake_ups == count


@pytest.mark.parametrize("wake_at", [NOW + 7, None])
def test_the_time_to_be_woken_is_settled_at_a_version(
    database: Database, wake_at: float | None
) -> None:
    root = begin(database, wake_at=NOW)
    with database.statement() as connection:
        frames.settle(connection, root.id, 1, NOW + 99)
        assert frame(database, root.id) == root
        frames.settle(connection, root.id, 0, wake_at)
    assert frame(database, root.id) == replace(root, wake_at=wake_at)


def test_joins_are_hurried_and_nothing_else(database: Database) -> None:
    joining = begin(database, phase=Phase.JOINING, wake_at=NOW + 30)
    others = [
        begin(database, phase=phase, wake_at=NOW + 30)
        for phase in Phase
        if phase is not Phase.JOINING
    ]
    overdue = begin(database, phase=Phase.JOINING, wake_at=NOW - 30)
    with database.durable() as connection:
        due_frames.expedite_joins(connection, NOW)
    assert frame(database, joining.id).wake_at == NOW
    assert frame(database, overdue.id).wake_at == NOW - 30
    assert [frame(database, row.id) for row in others] == others


def test_messages_are_hurried_but_not_waits_and_not_calls_that_run(database: Database) -> None:
    hurried = [
        begin(database, phase=phase, wake_at=NOW + 30)
        for phase in (Phase.READY, Phase.INVOKING, Phase.JOINING)
    ]
    patient = [
        begin(database, phase=phase, wake_at=NOW + 30)
        for phase in (Phase.WAITING, Phase.RETRYING, Phase.SUBMITTED)
    ]
    patient.append(begin(database, claimed_by="worker", wake_at=NOW + 30))
    patient.append(begin(database, wake_at=None))
    with database.statement() as connection:
        due_frames.expedite_unclaimed(connection, NOW)
    assert {frame(database, row.id).wake_at for row in hurried} == {NOW}
    assert [frame(database, row.id) for row in patient] == patient
