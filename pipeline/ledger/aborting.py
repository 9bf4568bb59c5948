"""Aborting what runs below a fan-out, or a whole execution.

Always from the outside in: a frame is locked before its fan-out, and a fan-out before its
children. Every transition does it in the same order, so nothing that moves, opens or takes
at the same time can slip through or wait in a circle.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select, update

from pipeline.frame import Phase
from pipeline.ledger.frames import UNENDED, frame_of
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.schema import fan_outs, frames


def abort_execution(connection: Connection, execution_id: str) -> list[FrameRow]:
    """Abort an execution's root frame and everything below it.

    Returns:
        The aborted frames, as they were before, outermost first.
    """
    root = _abort(connection, frames.c.id == execution_id)
    return root + abort_frames_of(connection, _fan_outs_of(connection, root))


def abort_frames_of(connection: Connection, fan_out_ids: Sequence[str]) -> list[FrameRow]:
    """Close these fan-outs and abort every frame below them that has not ended.

    Returns:
        The aborted frames, as they were before, outermost first.
    """
    aborted: list[FrameRow] = []
    while fan_out_ids:
        connection.execute(
            update(fan_outs).where(fan_outs.c.id.in_(fan_out_ids)).values(is_open=False)
        )
        doomed = _abort(connection, frames.c.fan_out_id.in_(fan_out_ids))
        aborted += doomed
        fan_out_ids = _fan_outs_of(connection, doomed)
    return aborted


def _abort(connection: Connection, where: ColumnElement[bool]) -> list[FrameRow]:
    """Abort the frames that have not ended; returns them as they were."""
    # Locked when read: a frame that is just fanning out is seen after it has.
    found = connection.execute(select(frames).where(where, UNENDED).with_for_update())
    doomed = [frame_of(row) for row in found]
    if doomed:
        connection.execute(
            update(frames)
            .where(where, UNENDED)
            .values(
                phase=Phase.ABORTED, version=frames.c.version + 1, claimed_by=None, wake_at=None
            )
        )
    return doomed


def _fan_outs_of(connection: Connection, rows: Sequence[FrameRow]) -> Sequence[str]:
    """The open fan-outs of those frames that wait for their children."""
    parents = [row.id for row in rows if row.phase is Phase.JOINING]
    if not parents:
        return []
    statement = select(fan_outs.c.id).where(fan_outs.c.frame_id.in_(parents), fan_outs.c.is_open)
    return connection.scalars(statement).all()
