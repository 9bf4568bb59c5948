"""Redriving: an execution that has ended runs again, with those of its frames that did not succeed.

A child that is to run again waits without a lane, until one takes it.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from pipeline.interpreter.frame import UNSUCCESSFUL, Phase
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import TurnTaken, may_take
from pipeline.ledger.frames import frame_of, lane_frame
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import (
    ExecutionRow,
    ExecutionStatus,
    FanOutStatus,
    FrameRow,
    values_of,
)
from pipeline.ledger.schema import WAITING, executions, fan_outs, frames, redrives

TOKEN_SECONDS = 15 * 60.0
"""How long a client token makes a second redrive the same as the first."""

MAX_TOKENS = 10
"""Of how many redrives, the latest ones."""

_WAITING = text(WAITING)
_PAGE = 500
"""Children that are read at a time."""


def token_used_at(
    connection: Connection, execution_id: str, client_token: str, since: float
) -> float | None:
    """When an execution was redriven with a client token, if that was lately.

    Args:
        since: Epoch seconds; earlier redrives do not count.
    """
    latest = (
        select(redrives.c.client_token, redrives.c.redriven_at)
        .where(redrives.c.execution_id == execution_id, redrives.c.redriven_at >= since)
        .order_by(redrives.c.redriven_at.desc())
        .limit(MAX_TOKENS)
    )
    return dict(connection.execute(latest).all()).get(client_token)


def resume_execution(
    connection: Connection,
    row: ExecutionRow,
    *,
    at: float,
    deadline_at: float | None,
    client_token: str | None,
    is_awaited: bool = False,
) -> bool:
    """Let an execution run again that has ended; False if it does already.

    Args:
        connection: To the ledger.
        row: The execution as it ended.
        at: Epoch seconds.
        deadline_at: When it is to time out, or None.
        client_token: What the redrive was asked for with, or None.
        is_awaited: Whether the Task state that has started it still waits for its end.
    """
    statement = (
        update(executions)
        .where(
            executions.c.id == row.id,
            executions.c.status == row.status,
            executions.c.redrive_count == row.redrive_count,
        )
        .values(
            status=ExecutionStatus.RUNNING,
            output=None,
            error=None,
            cause=None,
            stopped_at=None,
            deadline_at=deadline_at,
            redrive_count=row.redrive_count + 1,
            redriven_at=at,
            is_awaited=is_awaited,
            look_at=None,
        )
    )
    if connection.execute(statement).rowcount == 0:
        return False
    if client_token is not None:
        _note_token(connection, row.id, client_token, at)
    return True


def _note_token(connection: Connection, execution_id: str, client_token: str, at: float) -> None:
    """Remember what a redrive was asked for with, and forget what counts no more."""
    is_void = or_(
        redrives.c.client_token == client_token, redrives.c.redriven_at < at - TOKEN_SECONDS
    )
    connection.execute(delete(redrives).where(redrives.c.execution_id == execution_id, is_void))
    connection.execute(
        insert(redrives).values(
            execution_id=execution_id, client_token=client_token, redriven_at=at
        )
    )


def root_of(connection: Connection, execution_id: str) -> FrameRow:
    """An execution's root frame, which nobody else moves before the commit."""
    statement = select(frames).where(frames.c.id == execution_id).with_for_update()
    return frame_of(connection.execute(statement).one())


def unsuccessful_children(connection: Connection, fan_out_id: str) -> Iterator[FrameRow]:
    """The children of a fan-out that failed or were aborted; they may be changed meanwhile."""
    statement = (
        select(frames)
        .where(frames.c.fan_out_id == fan_out_id, frames.c.phase.in_(UNSUCCESSFUL))
        .order_by(frames.c.position)
        .limit(_PAGE)
    )
    last = -1
    while page := connection.execute(statement.where(frames.c.position > last)).all():
        for row in page:
            yield frame_of(row)
        last = page[-1].position


def has_unsuccessful_children(connection: Connection, fan_out_id: str) -> bool:
    """Whether any child of a fan-out failed or was aborted."""
    statement = select(frames.c.id).where(
        frames.c.fan_out_id == fan_out_id, frames.c.phase.in_(UNSUCCESSFUL)
    )
    return connection.scalar(statement.limit(1)) is not None


def revive(connection: Connection, row: FrameRow) -> None:
    """Write a frame over what it was when it ended."""
    connection.execute(update(frames).where(frames.c.id == row.id).values(**values_of(row)))


def reopen(
    connection: Connection, fan_out_id: str, *, at: float, seat: bytes, failures: int
) -> None:
    """Let a fan-out run again, with nothing of what its end has left.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the fan-out.
        at: Epoch seconds.
        seat: The packed seat of the frame that fanned out, which is another one now.
        failures: Items of children that have failed for good.
    """
    _open_again(
        connection,
        fan_out_id,
        failures=failures,
        error=None,
        cause=None,
        results=None,
        post_snapshot=None,
        width=None,
        seat=seat,
        redrive_count=fan_outs.c.redrive_count + 1,
        redriven_at=at,
    )


def reopen_as_failed(
    connection: Connection, fan_out_id: str, *, seat: bytes, error: str, cause: str
) -> None:
    """Have a fan-out fail the state again that waits for it, without running again.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the fan-out.
        seat: As for ``reopen``.
        error, cause: What the state gets.
    """
    _open_again(connection, fan_out_id, error=error, cause=cause, seat=seat)


def _open_again(connection: Connection, fan_out_id: str, **columns: Any) -> None:
    connection.execute(
        update(fan_outs)
        .where(fan_outs.c.id == fan_out_id)
        .values(is_open=True, status=FanOutStatus.RUNNING, stopped_at=None, **columns)
    )


def count_waiting(connection: Connection, fan_out_id: str) -> int:
    """How many children of a fan-out wait for a lane that begins them again."""
    statement = select(func.count()).where(frames.c.fan_out_id == fan_out_id, _WAITING)
    return connection.scalar(statement) or 0


def take_waiting(
    database: Database,
    fan_out_id: str,
    *,
    lane: int,
    turn: int,
    worker_id: str,
    look_at: float,
    sleep: Callable[[float], None] = time.sleep,
) -> FrameRow | None:
    """Give a lane a child that waits for one, claimed for a worker; None when none is left.

    Args:
        database: The ledger.
        fan_out_id: Id of the fan-out.
        lane, turn: Who takes it.
        worker_id: Who claims it, unless it has children of its own to wait for.
        look_at: Epoch seconds at which the sweeper is to look after one that has.
        sleep: Waits so many seconds before trying again when the database was lost.

    Raises:
        TurnTaken: This turn of this lane has been taken already.
    """
    statement = _taking(fan_out_id, lane, turn, worker_id, look_at)

    def attempt() -> FrameRow | None:
        try:
            with database.quick() as connection:
                row = connection.execute(statement).one_or_none()
        except IntegrityError as error:
            raise TurnTaken from error
        return None if row is None else frame_of(row)

    def attempt_again() -> FrameRow | None:
        with database.reading() as connection:
            own = lane_frame(connection, fan_out_id, lane)
        return own if own is not None and own.turn == turn else attempt()

    return retrying(attempt, attempt_again, sleep=sleep)


def _taking(
    fan_out_id: str, lane: int, turn: int, worker_id: str, look_at: float
) -> ReturningUpdate[Any]:
    """The statement that gives a lane the first waiting child that no worker holds or takes."""
    first_waiting = (
        select(frames.c.id)
        .where(
            frames.c.fan_out_id == fan_out_id,
            frames.c.claimed_by.is_(None),
            _WAITING,
            select(may_take(literal(lane, Integer)))
            .where(fan_outs.c.id == fan_out_id)
            .scalar_subquery(),
        )
        .order_by(frames.c.position)
        .limit(1)
        .with_for_update(skip_locked=True, of=frames)
    )
    joins = frames.c.phase == Phase.JOINING
    return (
        update(frames)
        .where(frames.c.id == first_waiting.scalar_subquery())
        .values(
            lane=lane,
            turn=turn,
            claimed_by=case((joins, None), else_=worker_id),
            wake_at=case((joins, look_at), else_=None),
        )
        .returning(*frames.c)
    )
