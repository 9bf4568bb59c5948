"""Executions that a Task state has started, and the frames that wait for their ends.

A nested execution knows its caller; nothing points from the caller to it. A caller that ends or
goes on reaches down to the executions it has started, and they never reach up: whoever locks,
locks the caller first.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from pipeline.ledger.executions import execution_of
from pipeline.ledger.frames import UNENDED
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.schema import executions, frames

_MAX_IDS = 500
"""Ids that one statement names."""


def lock_caller(connection: Connection, row: ExecutionRow) -> bool:
    """Keep the caller of an execution that begins where it is; False if it has gone on."""
    statement = (
        select(frames.c.id)
        .where(frames.c.id == row.caller_frame_id, frames.c.version == row.caller_version)
        .with_for_update(read=True)
    )
    return connection.execute(statement).first() is not None


def is_still_awaited(connection: Connection, row: ExecutionRow) -> bool:
    """Whether the caller of an execution that has ended still waits to hear of it.

    The caller is kept where it is until the commit.
    """
    if not row.is_awaited or row.caller_frame_id is None or row.caller_version is None:
        return False
    statement = (
        select(frames.c.id)
        .where(
            frames.c.id == row.caller_frame_id,
            frames.c.version.in_([row.caller_version, row.caller_version + 1]),
            UNENDED,
        )
        .with_for_update(read=True)
    )
    return connection.execute(statement).first() is not None


def awaited_execution(connection: Connection, frame_id: str, version: int) -> ExecutionRow | None:
    """The execution for whose end a frame waits, which it started at that version."""
    statement = select(executions).where(
        executions.c.caller_frame_id == frame_id,
        executions.c.caller_version == version,
        executions.c.is_awaited,
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else execution_of(row)


def abandon(connection: Connection, frame_ids: Sequence[str], at: float) -> None:
    """Have the executions stopped for whose ends these frames do not wait any more.

    Args:
        at: Epoch seconds at which that is.
    """
    for first in range(0, len(frame_ids), _MAX_IDS):
        some = frame_ids[first : first + _MAX_IDS]
        connection.execute(
            update(executions)
            .where(
                executions.c.caller_frame_id.in_(some),
                executions.c.is_awaited,
                executions.c.status == ExecutionStatus.RUNNING,
            )
            .values(look_at=at)
        )


def to_look_at(connection: Connection, now: float, limit: int) -> list[ExecutionRow]:
    """The executions that are to be stopped, or whose callers are to be told, longest due first."""
    statement = (
        select(executions)
        .where(executions.c.look_at <= now)
        .order_by(executions.c.look_at)
        .limit(limit)
    )
    return [execution_of(row) for row in connection.execute(statement)]


def look_again(connection: Connection, row: ExecutionRow, at: float | None) -> bool:
    """Say when an execution is to be looked at next; False if somebody else has said so."""
    statement = (
        update(executions)
        .where(executions.c.id == row.id, executions.c.look_at == row.look_at)
        .values(look_at=at)
    )
    return connection.execute(statement).rowcount == 1
