"""Executions that Task states have started, and the frames that wait for them.

A nested execution's row names its caller; the caller's row does not name it. A transaction that
needs both locks the caller first.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from pipeline.ledger.executions import execution_of
from pipeline.ledger.frames import UNENDED, find_frame
from pipeline.ledger.nested_schema import execution_waiters
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FrameRow
from pipeline.ledger.schema import executions, frames
from pipeline.ledger.upserts import insert_into

_MAX_IDS = 500
"""How many ids one statement names at most."""


def lock_caller(connection: Connection, row: ExecutionRow) -> bool:
    """Lock the caller of an execution that begins. Returns False if the caller has moved."""
    return _lock_frame(connection, row.caller_frame_id, row.caller_version)


def _lock_frame(connection: Connection, frame_id: str | None, version: int | None) -> bool:
    statement = (
        select(frames.c.id)
        .where(frames.c.id == frame_id, frames.c.version == version)
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
    row = (
        connection.execute(statement).one_or_none()
        or connection.execute(
            select(executions)
            .join(execution_waiters, execution_waiters.c.execution_id == executions.c.id)
            .where(execution_waiters.c.frame_id == frame_id, execution_waiters.c.version == version)
        ).one_or_none()
    )
    return None if row is None else execution_of(row)


def repeat_call(
    connection: Connection, row: ExecutionRow, frame_id: str, version: int, look_at: float
) -> bool:
    """Let a frame wait on for an execution that the same call started when it was made before.

    Args:
        connection: To the ledger.
        row: The execution, which may have ended.
        frame_id, version: The frame that repeats its call, as it is now.
        look_at: Epoch seconds at which the sweeper is to look after the frame, should the
            execution have ended.

    Returns:
        False if the frame has moved.
    """
    if not _lock_frame(connection, frame_id, version):
        return False
    connection.execute(
        update(executions).where(executions.c.id == row.id).values(caller_version=version)
    )
    # A time to look at an execution that runs would stop it.
    connection.execute(
        update(executions)
        .where(
            executions.c.id == row.id,
            executions.c.is_awaited,
            executions.c.status != ExecutionStatus.RUNNING,
        )
        .values(look_at=look_at)
    )
    return True


def wait_too(connection: Connection, execution_id: str, frame_id: str, version: int) -> bool:
    """Let a frame wait for the end of an execution that it did not start; False if it has moved."""
    if not _lock_frame(connection, frame_id, version):
        return False
    waits = {"execution_id": execution_id, "version": version}
    insert = insert_into(connection, execution_waiters).values(frame_id=frame_id, **waits)
    connection.execute(insert.on_conflict_do_update(index_elements=["frame_id"], set_=waits))
    return True


def waiters_of(connection: Connection, row: ExecutionRow) -> list[FrameRow]:
    """The frames whose calls wait for the end of an execution, and that have not moved on.

    Args:
        connection: To the ledger.
        row: The execution as read at any time; its caller is read again.
    """
    caller = select(executions.c.caller_frame_id, executions.c.caller_version).where(
        executions.c.id == row.id,
        executions.c.is_awaited,
        executions.c.caller_frame_id.is_not(None),
    )
    others = select(execution_waiters.c.frame_id, execution_waiters.c.version).where(
        execution_waiters.c.execution_id == row.id
    )
    calls = [*connection.execute(caller).all(), *connection.execute(others).all()]
    found = [(find_frame(connection, frame_id), version) for frame_id, version in calls]
    return [
        frame
        for frame, version in found
        if frame is not None and not frame.has_ended and frame.version in (version, version + 1)
    ]


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
