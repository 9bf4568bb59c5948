"""Children of a fan-out, those first that need attention."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, select, text

from pipeline.interpreter.frame import Phase
from pipeline.ledger.frames import frame_of
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.schema import FAILED, RUNNING, frames

GROUPS: dict[str, Sequence[Phase] | str] = {
    "failed": FAILED,
    "running": RUNNING,
    "aborted": (Phase.ABORTED,),
    "succeeded": (Phase.SUCCEEDED,),
}
"""Conditions by the words for them, in the order in which people look; texts have an index."""


def children_in_group(
    connection: Connection, fan_out_id: str, group: str, *, offset: int, limit: int
) -> list[FrameRow]:
    """Some children of one group, in order of position.

    Args:
        connection: To the ledger.
        fan_out_id: Of the fan-out.
        group: A key of ``GROUPS``.
        offset: How many to leave out at the beginning.
        limit: How many at most.
    """
    wanted = GROUPS[group]
    condition = text(wanted) if isinstance(wanted, str) else frames.c.phase.in_(list(wanted))
    statement = (
        select(frames)
        .where(frames.c.fan_out_id == fan_out_id, condition)
        .order_by(frames.c.position)
        .offset(offset)
        .limit(limit)
    )
    return [frame_of(row) for row in connection.execute(statement)]


def unended_frames(connection: Connection, execution_id: str, *, limit: int) -> list[FrameRow]:
    """Frames of an execution that have not ended; those that wait for a token come first."""
    waiting = case((frames.c.phase == Phase.SUBMITTED, 0), else_=1)
    statement = (
        select(frames)
        .where(frames.c.execution_id == execution_id, text(RUNNING))
        .order_by(waiting, frames.c.id)
        .limit(limit)
    )
    return [frame_of(row) for row in connection.execute(statement)]


def claimed_frames(connection: Connection, *, limit: int) -> list[FrameRow]:
    """Frames whose functions workers are calling."""
    statement = select(frames).where(frames.c.claimed_by.is_not(None)).limit(limit)
    return [frame_of(row) for row in connection.execute(statement)]


def waiting_calls(connection: Connection, *, limit: int) -> list[FrameRow]:
    """Frames whose function calls wait for a worker, the one that is due first in front."""
    statement = (
        select(frames)
        .where(
            frames.c.wake_at.is_not(None),
            frames.c.phase == Phase.INVOKING,
            frames.c.claimed_by.is_(None),
        )
        .order_by(frames.c.wake_at)
        .limit(limit)
    )
    return [frame_of(row) for row in connection.execute(statement)]
