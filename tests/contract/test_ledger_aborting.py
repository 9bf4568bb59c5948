"""What every ledger promises about aborting: nothing below what has ended lives on."""

import itertools
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from pipeline.interpreter.frame import ENDED, Phase
from pipeline.ledger import executions
from pipeline.ledger.aborting import abort_execution, abort_frames_of
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import TurnTaken, find_fan_out, take
from pipeline.ledger.rows import ExecutionEnd, ExecutionStatus, FanOutRow, FanOutStatus, FrameRow
from pipeline.ledger.schema import fan_outs, frames
from pipeline.ledger.transition import Overtaken, commit, end_at_once
from tests.contract.ledgers import (
    NOW,
    at_once,
    batch_of,
    begin,
    begin_fan_out,
    child_of,
    database,
    describe,
    end_of,
    events,
    fan_out_of,
    frame,
    moved,
    put,
    succeeded,
    transition_to,
)

__all__ = ["database"]  # a fixture

RACES = 12
LANES = 4
STOPPED = ExecutionEnd(
    status=ExecutionStatus.ABORTED, stopped_at=NOW + 1, error="Stopped", cause="by hand"
)


def grow(database: Database, outer: FanOutRow) -> tuple[list[FrameRow], list[FanOutRow]]:
    """Three generations below a fan-out; returns the frames outermost first, and the fan-outs."""
    child = child_of(outer, 0, phase=Phase.JOINING, version=4)
    middle = fan_out_of(child)
    grandchild = child_of(middle, 0, phase=Phase.JOINING, version=2)
    inner = fan_out_of(grandchild)
    rows = [
        child,
        grandchild,
        child_of(inner, 0, phase=Phase.INVOKING, claimed_by="worker", wake_at=NOW),
    ]
    put(database, *rows, middle, inner)
    return rows, [outer, middle, inner]


def alive(database: Database, execution_id: str) -> list[str]:
    """Frames of an execution that have not ended, and fan-outs that are open."""
    ended = [phase.value for phase in ENDED]
    unended = select(frames.c.id).where(
        frames.c.execution_id == execution_id, frames.c.phase.not_in(ended)
    )
    still_open = select(fan_outs.c.id).where(
        fan_outs.c.execution_id == execution_id, fan_outs.c.is_open
    )
    with database.reading() as connection:
        return [*connection.scalars(unended), *connection.scalars(still_open)]


def test_frames_at_all_depths_are_aborted_outermost_first(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    rows, _ = grow(database, fan_out)
    with database.durable() as connection:
        assert abort_frames_of(connection, [fan_out.id], NOW) == rows
    for row in rows:
        aborted = replace(
            row, phase=Phase.ABORTED, version=row.version + 1, claimed_by=None, wake_at=None
        )
        assert frame(database, row.id) == aborted
    assert frame(database, root.id) == root


def test_fan_outs_at_all_depths_are_closed(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    _, opened = grow(database, fan_out)
    with database.durable() as connection:
        abort_frames_of(connection, [fan_out.id], NOW)
    with database.reading() as connection:
        closed = [find_fan_out(connection, row.id) for row in opened]
    gone = {"is_open": False, "status": FanOutStatus.ABORTED, "stopped_at": NOW}
    assert closed == [replace(row, **gone) for row in opened]


def test_frames_that_have_ended_are_left_as_they_are(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    rows = [
        child_of(fan_out, n, phase=phase, output=b"output") for n, phase in enumerate(sorted(ENDED))
    ]
    put(database, *rows)
    with database.durable() as connection:
        assert abort_frames_of(connection, [fan_out.id], NOW) == []
    assert [frame(database, row.id) for row in rows] == rows


def test_other_fan_outs_and_executions_go_on(database: Database) -> None:
    _, fan_out = begin_fan_out(database)
    other_root, other = begin_fan_out(database)
    child = child_of(other, 0)
    put(database, child)
    with database.durable() as connection:
        abort_frames_of(connection, [fan_out.id], NOW)
    assert alive(database, other_root.id) == [other_root.id, child.id, other.id]


def test_what_a_fan_out_comes_to_is_not_what_those_below_it_do(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    _, (_, *inner) = grow(database, fan_out)
    failed = end_of(fan_out, status=FanOutStatus.FAILED)
    commit(database, transition_to(moved(root, phase=Phase.INVOKING), closes=failed))
    with database.reading() as connection:
        outer = find_fan_out(connection, fan_out.id)
        below = [find_fan_out(connection, row.id) for row in inner]
    assert outer is not None
    assert (outer.status, outer.stopped_at) == (FanOutStatus.FAILED, failed.stopped_at)
    assert {row and row.status for row in below} == {FanOutStatus.ABORTED}


def test_a_transition_that_closes_a_fan_out_tells_of_the_aborted_first(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    rows, _ = grow(database, fan_out)
    commit(database, transition_to(moved(root, phase=Phase.INVOKING), closes=end_of(fan_out)))
    assert alive(database, root.id) == [root.id]
    assert events(database, root.id) == [b"version 0", *[b"aborted"] * len(rows), b"version 1"]


def test_an_execution_that_is_stopped_ends_with_everything_in_it(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    rows, _ = grow(database, fan_out)
    assert end_at_once(database, root.id, STOPPED, batch_of(root, b"stopped"), describe)
    assert alive(database, root.id) == []
    assert events(database, root.id) == [b"version 0", *[b"aborted"] * (len(rows) + 1), b"stopped"]
    with database.reading() as connection:
        ended = executions.find_execution(connection, root.execution_id)
    assert ended is not None
    assert (ended.status, ended.error, ended.cause) == (STOPPED.status, "Stopped", "by hand")


def test_an_execution_that_has_ended_is_not_stopped(database: Database) -> None:
    root = begin(database)
    row = moved(root, phase=Phase.SUCCEEDED)
    commit(database, transition_to(row, ends=succeeded()))
    assert not end_at_once(database, root.id, STOPPED, batch_of(root, b"stopped"), describe)
    assert frame(database, root.id) == row
    assert events(database, root.id) == [b"version 0", b"version 1"]


def test_aborting_an_execution_begins_with_its_root(database: Database) -> None:
    root, fan_out = begin_fan_out(database)
    rows, _ = grow(database, fan_out)
    with database.durable() as connection:
        assert abort_execution(connection, root.id, NOW) == [root, *rows]


@pytest.mark.parametrize("whole_execution", [False, True])
def test_lanes_that_race_with_an_abort_leave_nothing_alive(
    database: Database, whole_execution: bool
) -> None:
    for _ in range(RACES):
        root, fan_out = begin_fan_out(database, total=10_000)
        first_taken = threading.Event()

        def race(
            lane: int,
            root: FrameRow = root,
            fan_out: FanOutRow = fan_out,
            first_taken: threading.Event = first_taken,
        ) -> None:
            if lane == LANES:
                first_taken.wait()
                end(database, root, fan_out, whole_execution=whole_execution)
            else:
                fan_out_on(database, fan_out, lane, first_taken)

        at_once(LANES + 1, race)
        assert alive(database, root.id) == []


def end(database: Database, root: FrameRow, fan_out: FanOutRow, *, whole_execution: bool) -> None:
    """End an execution from within or from outside while its lanes are busy."""
    if whole_execution:
        assert end_at_once(database, root.id, STOPPED, batch_of(root), describe)
    else:
        row = moved(root, phase=Phase.FAILED, body=None)
        commit(database, transition_to(row, closes=end_of(fan_out), ends=succeeded()))


def fan_out_on(
    database: Database, fan_out: FanOutRow, lane: int, first_taken: threading.Event
) -> None:
    """Take items, and fan out below each, until there is nothing to take or to move."""
    for turn in itertools.count():
        blank = replace(child_of(fan_out, 0), id="", position=None, lane=lane, turn=turn)
        row = take(database, blank, group_id=None, own_history=False)
        first_taken.set()
        if row is None:
            return
        joining = moved(row, phase=Phase.JOINING)
        inner = fan_out_of(joining)
        try:
            commit(database, transition_to(joining, opens=inner))
            take(database, replace(child_of(inner, 0), id=""), group_id=None, own_history=False)
        except (Overtaken, TurnTaken):
            return
