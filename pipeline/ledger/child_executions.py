"""The outcomes of the children of a fan-out, and the ends of the histories of child executions.

A fan-out may have a million children, so these queries read them in pages: by their ids, since no
index holds them in order of position. Positions have no gaps, so a page that is not full is the
last one.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, func, select, text, update

from pipeline.interpreter.frame import Phase
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.frames import UNENDED, frame_of
from pipeline.ledger.history import events_of
from pipeline.ledger.rows import ExecutionStatus, FrameRow
from pipeline.ledger.schema import FAILED, WAITING, frames, history

PAGE = 200
"""Children that are read in one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildExecution:
    """A child of a map run that has begun; ``output`` is packed."""

    frame_id: str
    position: int
    phase: Phase
    output: bytes | None
    error: str | None
    cause: str | None
    redrive_count: int


def outputs(connection: Connection, fan_out_id: str) -> Iterator[bytes | None]:
    """Packed output of each child in order of position; None for one that failed."""
    for first in itertools.count(0, PAGE):
        ids = _page_of_ids(fan_out_id, first)
        statement = select(frames.c.output).where(frames.c.id.in_(ids)).order_by(frames.c.position)
        page = connection.scalars(statement).all()
        yield from page
        if len(page) < PAGE:
            return


def pages_of_children(connection: Connection, fan_out_id: str) -> Iterator[list[ChildExecution]]:
    """The children that have begun, in order of position."""
    for first in itertools.count(0, PAGE):
        statement = (
            select(
                frames.c.id.label("frame_id"),
                frames.c.position,
                frames.c.phase,
                frames.c.output,
                frames.c.error,
                frames.c.cause,
                frames.c.redrive_count,
            )
            .where(frames.c.id.in_(_page_of_ids(fan_out_id, first)))
            .order_by(frames.c.position)
        )
        page = [
            ChildExecution(**{**row._mapping, "phase": Phase(row.phase)})
            for row in connection.execute(statement)
        ]
        if page:
            yield page
        if len(page) < PAGE:
            return


def children_before(
    connection: Connection,
    fan_out_id: str,
    before: int,
    *,
    status: ExecutionStatus | None = None,
    redriven: bool | None = None,
    limit: int,
) -> list[FrameRow]:
    """The children of a map run that have begun, latest first.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the map run.
        before: Only those with a position below this one.
        status: Only those with this status; None for all.
        redriven: Only those that have been redriven (or have not); None for all.
        limit: How many at most.
    """
    statement = (
        select(frames)
        .where(frames.c.fan_out_id == fan_out_id)
        .order_by(frames.c.position.desc())
        .limit(limit)
    )
    if status is not None:
        statement = statement.where(*_STATUSES[status])
    if redriven is not None:
        statement = statement.where((frames.c.redrive_count > 0) == redriven)
    if status is not None and status is not ExecutionStatus.SUCCEEDED:
        # These are few of many, and have an index of their own.
        return _frames(connection, statement.where(frames.c.position < before))
    found: list[FrameRow] = []
    while before > 0 and len(found) < limit:
        first = max(before - PAGE, 0)
        ids = [str(ChildId(fan_out_id, position)) for position in range(first, before)]
        page = statement.where(frames.c.id.in_(ids)).limit(limit - len(found))
        found += _frames(connection, page)
        before = first
    return found


_STATUSES: dict[ExecutionStatus, tuple[ColumnElement[bool] | TextClause, ...]] = {
    # Only children that a redriven map run has not begun again have no lane.
    ExecutionStatus.RUNNING: (UNENDED, frames.c.lane.is_not(None)),
    ExecutionStatus.PENDING_REDRIVE: (text(WAITING),),
    ExecutionStatus.SUCCEEDED: (frames.c.phase == Phase.SUCCEEDED,),
    ExecutionStatus.FAILED: (text(FAILED), frames.c.phase == Phase.FAILED),
    ExecutionStatus.ABORTED: (frames.c.phase == Phase.ABORTED,),
    ExecutionStatus.TIMED_OUT: (text(FAILED), frames.c.phase == Phase.TIMED_OUT),
}


def _frames(connection: Connection, statement: Select[Any]) -> list[FrameRow]:
    return [frame_of(row) for row in connection.execute(statement)]


def explain_end(
    connection: Connection, frame_id: str, error: str | None, cause: str | None
) -> None:
    """Store why a child was stopped."""
    statement = update(frames).where(frames.c.id == frame_id)
    connection.execute(statement.values(error=error, cause=cause))


def ends_of_histories(
    connection: Connection, frame_ids: Sequence[str]
) -> dict[str, tuple[bytes, bytes]]:
    """The first and the last batch of the histories of child executions, by their frames' ids.

    Only their own batches count, not those of the branches and iterations inside them. The batches
    in between, of which there may be thousands, are not read.
    """
    statement = (
        select(history.c.history_id, func.min(history.c.number), func.max(history.c.number))
        .where(history.c.history_id.in_(frame_ids), history.c.frame_id == history.c.history_id)
        .group_by(history.c.history_id)
    )
    bounds = {
        history_id: (first, last) for history_id, first, last in connection.execute(statement)
    }
    events = events_of(connection, sorted({number for pair in bounds.values() for number in pair}))
    return {
        history_id: (events[first], events[last]) for history_id, (first, last) in bounds.items()
    }


def _page_of_ids(fan_out_id: str, first: int) -> list[str]:
    return [str(ChildId(fan_out_id, position)) for position in range(first, first + PAGE)]
