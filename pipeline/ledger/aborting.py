"""Aborting what runs below a fan-out, or a whole execution.

Locks are taken from the outside in: a frame before its fan-out, a fan-out before its children.
Every transition keeps this order, so a concurrent move, fan-out or turn can neither slip through
nor cause a deadlock.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.interpreter.frame import Phase
from pipeline.ledger.frames import UNENDED, frame_of
from pipeline.ledger.nested_executions import abandon
from pipeline.ledger.rows import FanOutStatus, FrameRow
from pipeline.ledger.schema import fan_outs, frames


def abort_execution(connection: Connection, execution_id: str, at: float) -> list[FrameRow]:
    """Abort an execution's root frame and everything below it.

    Args:
        at: Epoch seconds at which it happens.

    Returns:
        The aborted frames, as they were before, outermost first.
    """
    root = _abort(connection, frames.c.id == execution_id, at)
    return root + abort_frames_of(connection, _fan_outs_of(connection, root), at)


def abort_frames_of(
    connection: Connection,
    fan_out_ids: Sequence[str],
    at: float,
    status: FanOutStatus = FanOutStatus.ABORTED,
) -> list[FrameRow]:
    """Close these fan-outs and abort every frame below them that has not ended.

    Args:
        at: Epoch seconds at which it happens.
        status: The status of the closed fan-outs; the fan-outs below them become ABORTED.

    Returns:
        The aborted frames, as they were before, outermost first.
    """
    aborted: list[FrameRow] = []
    while fan_out_ids:
        connection.execute(
            update(fan_outs)
            .where(fan_outs.c.id.in_(fan_out_ids))
            .values(is_open=False, status=status, stopped_at=at)
        )
        status = FanOutStatus.ABORTED
        doomed = _abort(connection, frames.c.fan_out_id.in_(fan_out_ids), at)
        aborted += doomed
        fan_out_ids = _fan_outs_of(connection, doomed)
    return aborted


def frames_below(connection: Connection, fan_out_id: str) -> list[FrameRow]:
    """The frames that would be aborted with a fan-out, outermost first."""
    found: list[FrameRow] = []
    fan_out_ids: Sequence[str] = [fan_out_id]
    while fan_out_ids:
        where = (frames.c.fan_out_id.in_(fan_out_ids), UNENDED)
        below = [frame_of(row) for row in connection.execute(select(frames).where(*where))]
        found += below
        fan_out_ids = _fan_outs_of(connection, below)
    return found


def _abort(connection: Connection, where: ColumnElement[bool], at: float) -> list[FrameRow]:
    """Abort the frames that have not ended; returns them as they were.

    The executions that they wait for are stopped afterwards, each in its own transaction.
    """
    # The rows are locked when read, so a frame that is fanning out is read after its fan-out.
    found = connection.execute(select(frames).where(where, UNENDED).with_for_update())
    doomed = [frame_of(row) for row in found]
    if doomed:
        connection.execute(
            update(frames)
            .where(where, UNENDED)
            .values(
                phase=Phase.ABORTED,
                version=frames.c.version + 1,
                claimed_by=None,
                wake_at=None,
                activity_arn=None,
            )
        )
        abandon(connection, [row.id for row in doomed], at)
    return doomed


def _fan_outs_of(connection: Connection, rows: Sequence[FrameRow]) -> Sequence[str]:
    """The fan-outs whose children these frames wait for."""
    parents = [row.id for row in rows if row.phase is Phase.JOINING]
    if not parents:
        return []
    # A fan-out whose results are being written is closed, but still running.
    statement = select(fan_outs.c.id).where(
        fan_outs.c.frame_id.in_(parents), fan_outs.c.status == FanOutStatus.RUNNING
    )
    return connection.scalars(statement).all()
