"""Executions that Task states have started, and the frames that wait for them.

A nested execution's row names its caller; the caller's row does not name it. A transaction that
needs both locks the caller first.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from pipeline.ledger.executions import execution_of
from pipeline.ledger.frames import UNENDED
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.schema import executions, frames

_MAX_IDS = 500
"""How many ids one statement names at most."""


def lock_caller(connection: Connection, row: ExecutionRow) -> bool:
    """Lock the caller of an execution that begins. Returns False if the caller has moved."""
    statement = (
        select(frames.c.id)
        .where(frames.c.id == row.caller_frame_id, frames.c.version == row.caller_version)
        .with_for_update(read=True)
    )
    return connection.execute(statement).first() is not None


def is_still_awaited(connection: Connection, row: ExecutionRow) -> bool:
    """Whether the caller of an execution that has ended still waits for it.

    The caller stays locked until the commit.
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
    """The execution that a frame started at this version and waits for."""
    statement = select(executions).where(
        executions.c.caller_frame_id == frame_id,
        executions.c.caller_version == version,
        executions.c.is_awaited,
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else execution_of(row)


def abandon(connection: Connection, frame_ids: Sequence[str], at: float) -> None:
    """Mark the executions that these frames no longer wait for; the sweeper stops them.

    Args:
        at: Epoch seconds from which they are due.
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
    """The executions to stop, or whose ends to report to their callers, longest due first."""
    statement = (
        select(executions)
        .where(executions.c.look_at <= now)
        .order_by(executions.c.look_at)
        .limit(limit)
    )
    return [execution_of(row) for row in connection.execute(statement)]


def look_again(connection: Connection, row: ExecutionRow, at: float | None) -> bool:
    """Set when the sweeper looks at an execution next. Returns False if another process set it."""
    statement = (
        update(executions)
        .where(executions.c.id == row.id, executions.c.look_at == row.look_at)
        .values(look_at=at)
    )
    return connection.execute(statement).rowcount == 1
