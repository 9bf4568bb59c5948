"""What every ledger promises about transitions: all or nothing, and by one writer only."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.interpreter.frame import ENDED, Phase
from pipeline.ledger import executions, frames
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import find_fan_out
from pipeline.ledger.rows import ExecutionEnd, ExecutionStatus, FrameRow
from pipeline.ledger.transition import Overtaken, commit
from tests.contract.ledgers import (
    NOW,
    at_once,
    begin,
    begin_fan_out,
    child_of,
    database,
    end_of,
    events,
    fan_out_of,
    frame,
    moved,
    new_execution,
    put,
    succeeded,
    transition_to,
)

__all__ = ["database"]  # a fixture

THREADS = 8


def test_a_frame_is_read_as_it_was_written(database: Database) -> None:
    root = begin(database, body=bytes(range(256)), claimed_by="worker", wake_at=NOW + 0.123456)
    assert frame(database, root.id) == root


def test_a_frame_that_is_moved_is_read_as_it_was_moved(database: Database) -> None:
    root = begin(database)
    row = moved(
        root,
        phase=Phase.FAILED,
        body=None,
        output=b"output",
        error="Error",
        cause="cause ✓",
        wake_at=NOW,
    )
    commit(database, transition_to(row))
    assert frame(database, root.id) == row


def test_moving_a_frame_forgets_how_often_it_was_woken(database: Database) -> None:
    root = begin(database, wake_ups=3)
    commit(database, transition_to(moved(root)))
    assert frame(database, root.id).wake_ups == 0


def test_an_execution_starts_with_its_frame_and_its_history(database: Database) -> None:
    execution = new_execution()
    root = begin(database, execution)
    with database.reading() as connection:
        assert executions.find_execution(connection, execution.id) == execution
    assert frame(database, root.id) == root
    assert events(database, root.id) == [b"version 0"]


def test_a_transition_writes_frame_history_fan_out_and_end_together(database: Database) -> None:
    root = begin(database)
    row = moved(root, phase=Phase.JOINING)
    opened = fan_out_of(row)
    commit(database, transition_to(row, opens=opened, ends=succeeded()))
    assert frame(database, root.id) == row
    assert events(database, root.id) == [b"version 0", b"version 1"]
    with database.reading() as connection:
        assert find_fan_out(connection, opened.id) == opened
        ended = executions.find_execution(connection, root.execution_id)
    assert ended is not None
    assert ended.status is ExecutionStatus.SUCCEEDED


def test_a_transition_without_events_adds_no_history(database: Database) -> None:
    root = begin(database)
    commit(database, transition_to(moved(root), batch=None))
    assert events(database, root.id) == [b"version 0"]


def test_nothing_is_written_when_the_fan_out_cannot_be_opened(database: Database) -> None:
    root = begin(database)
    row = moved(root, phase=Phase.JOINING)
    put(database, fan_out_of(row))
    with pytest.raises(IntegrityError):
        commit(database, transition_to(row, opens=fan_out_of(row)))
    assert frame(database, root.id) == root
    assert events(database, root.id) == [b"version 0"]


def test_nothing_is_written_when_the_execution_has_ended(database: Database) -> None:
    root = begin(database)
    with database.durable() as connection:
        executions.end_execution(
            connection,
            root.execution_id,
            ExecutionEnd(status=ExecutionStatus.ABORTED, stopped_at=NOW),
        )
    with pytest.raises(Overtaken):
        commit(database, transition_to(moved(root), ends=succeeded()))
    assert frame(database, root.id) == root
    assert events(database, root.id) == [b"version 0"]


def test_nothing_is_written_when_the_aborted_frames_cannot_be_described(
    database: Database,
) -> None:
    root, fan_out = begin_fan_out(database)
    child = child_of(fan_out, 0)
    put(database, child)

    def fail(_: list[FrameRow]) -> list[object]:
        raise OSError("the store is away")

    with pytest.raises(OSError, match="the store is away"):
        commit(database, transition_to(moved(root), closes=end_of(fan_out), describe_aborted=fail))
    assert frame(database, root.id) == root
    assert frame(database, child.id) == child
    with database.reading() as connection:
        assert find_fan_out(connection, fan_out.id) == fan_out


def test_an_arn_is_given_once(database: Database) -> None:
    execution = new_execution()
    begin(database, execution)
    second = replace(execution, id=f"{execution.id}-second")
    with pytest.raises(IntegrityError):
        begin(database, second)
    with database.reading() as connection:
        assert frames.find_frame(connection, second.id) is None


def test_of_threads_that_move_the_same_frame_one_wins(database: Database) -> None:
    root = begin(database)

    def move(number: int) -> bool:
        try:
            commit(database, transition_to(moved(root, body=b"by %d" % number)))
        except Overtaken:
            return False
        return True

    won = at_once(THREADS, move)
    assert won.count(True) == 1
    assert frame(database, root.id) == moved(root, body=b"by %d" % won.index(True))
    assert events(database, root.id) == [b"version 0", b"version 1"]


def test_of_threads_that_start_the_same_execution_one_wins(database: Database) -> None:
    execution = new_execution()

    def start(number: int) -> bool:
        try:
            begin(database, replace(execution, id=f"{execution.id}-{number}"))
        except IntegrityError:
            return False
        return True

    assert at_once(THREADS, start).count(True) == 1


def test_a_frame_that_has_moved_on_is_not_moved_again(database: Database) -> None:
    root = begin(database)
    commit(database, transition_to(moved(root)))
    for stale in (root, replace(root, version=5)):
        with pytest.raises(Overtaken) as caught:
            commit(database, transition_to(moved(stale, body=b"late")))
        assert caught.value.args == (root.id, stale.version + 1)
    assert frame(database, root.id) == moved(root)


@pytest.mark.parametrize("phase", sorted(ENDED))
def test_a_frame_that_has_ended_is_not_moved(database: Database, phase: Phase) -> None:
    root = begin(database, phase=phase)
    with pytest.raises(Overtaken):
        commit(database, transition_to(moved(root), any_claim=True))
    assert frame(database, root.id) == root


@pytest.mark.parametrize(
    ("has", "expected"), [("other", "worker"), ("other", None), (None, "worker")]
)
def test_a_frame_with_another_claim_is_not_moved(
    database: Database, has: str | None, expected: str | None
) -> None:
    root = begin(database, claimed_by=has)
    with pytest.raises(Overtaken):
        commit(database, transition_to(moved(root), claimed_by=expected))
    assert frame(database, root.id) == root


def test_a_worker_moves_the_frame_that_it_has_claimed(database: Database) -> None:
    root = begin(database, claimed_by="worker")
    row = moved(root, claimed_by=None)
    commit(database, transition_to(row, claimed_by="worker"))
    assert frame(database, root.id) == row


@pytest.mark.parametrize("has", ["other", None])
def test_any_claim_is_overridden_by_those_who_may(database: Database, has: str | None) -> None:
    root = begin(database, claimed_by=has)
    row = moved(root, claimed_by=None)
    commit(database, transition_to(row, claimed_by="nobody", any_claim=True))
    assert frame(database, root.id) == row
