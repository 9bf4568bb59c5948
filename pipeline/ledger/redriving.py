"""Redriving: an execution that has ended runs again with its frames that did not succeed.

A child that runs again waits without a lane until a lane takes it.
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
"""How long a repeated client token makes a redrive a repetition of the first one."""

MAX_TOKENS = 10
"""How many client tokens are kept, the latest ones."""

_WAITING = text(WAITING)
_PAGE = 500
"""Children that are read in one query."""


def token_used_at(
    connection: Connection, execution_id: str, client_token: str, since: float
) -> float | None:
    """When an execution was redriven with a client token; None if not since the given time.

    Args:
        since: Epoch seconds.
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
    """Let an execution that has ended run again. Returns False if it already runs.

    Args:
        connection: To the ledger.
        row: The execution as it ended.
        at: Epoch seconds.
        deadline_at: When it times out (epoch seconds), or None.
        client_token: The client token of the request, or None.
        is_awaited: Whether the Task state that started it still waits for it.
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
    """Store the client token of a redrive, and delete the tokens that have expired."""
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
    """An execution's root frame, locked until the commit."""
    statement = select(frames).where(frames.c.id == execution_id).with_for_update()
    return frame_of(connection.execute(statement).one())


def unsuccessful_children(connection: Connection, fan_out_id: str) -> Iterator[FrameRow]:
    """The children of a fan-out that failed or were aborted; the caller may change them."""
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
    """Overwrite a frame that has ended."""
    connection.execute(update(frames).where(frames.c.id == row.id).values(**values_of(row)))


def reopen(
    connection: Connection, fan_out_id: str, *, at: float, seat: bytes, failures: int
) -> None:
    """Let a fan-out run again, without the results of its first end.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the fan-out.
        at: Epoch seconds.
        seat: The packed seat of the frame that fanned out, which has changed.
        failures: How many items of children have failed for good.
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
    """Let a fan-out fail its state again, without running its children again.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the fan-out.
        seat: As for ``reopen``.
        error, cause: The error of the state.
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
    """Give a waiting child to a lane, claimed for a worker; None when no child is left.

    Args:
        database: The ledger.
        fan_out_id: Id of the fan-out.
        lane, turn: The lane, and its turn.
        worker_id: The worker that claims the child, unless the child waits for children of its own.
        look_at: Epoch seconds at which the sweeper wakes a child that waits for children of its
            own.
        sleep: Waits so many seconds before another attempt after a lost connection.

    Raises:
        TurnTaken: Another message took this turn of this lane.
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
