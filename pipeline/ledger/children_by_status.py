"""Children of fan-outs in the order in which people look at them: first those in need of attention.

A fan-out may have a million children. These queries read only those that run or have failed, which
have indexes of their own.
"""

from sqlalchemy import Connection, Select, case, func, select, text

from pipeline.interpreter.frame import Phase
from pipeline.ledger.frames import find_frame, frame_of
from pipeline.ledger.progress import FanOutProgress, progress_by_state, progress_of
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.schema import FAILED, RUNNING, fan_outs, frames

_CONDITIONS = {"failed": FAILED, "running": RUNNING}


def children_in_group(
    connection: Connection, fan_out_id: str, group: str, *, offset: int, limit: int
) -> list[FrameRow]:
    """Some children of one group, in order of position.

    Args:
        connection: To the ledger.
        fan_out_id: Id of the fan-out.
        group: ``failed`` or ``running``.
        offset: How many to skip at the beginning.
        limit: How many at most.
    """
    statement = (
        select(frames)
        .where(frames.c.fan_out_id == fan_out_id, text(_CONDITIONS[group]))
        .order_by(frames.c.position)
        .offset(offset)
        .limit(limit)
    )
    return [frame_of(row) for row in connection.execute(statement)]


def progress_of_history(
    connection: Connection, history_id: str, execution_id: str
) -> list[FanOutProgress]:
    """The progress of the Parallel and Map states of one (child) execution.

    A child that has begun and does not run has ended, so the query reads no ended child.
    """
    running = (
        select(frames.c.fan_out_id, func.count().label("count"))
        .where(text(RUNNING), frames.c.fan_out_id.in_(_fan_outs_of(history_id, execution_id)))
        .group_by(frames.c.fan_out_id)
        .subquery()
    )
    statement = (
        progress_by_state(fan_outs.c.taken - func.coalesce(running.c.count, 0))
        .outerjoin_from(fan_outs, running, running.c.fan_out_id == fan_outs.c.id)
        .where(fan_outs.c.execution_id == execution_id, fan_outs.c.history_id == history_id)
    )
    return [progress_of(row) for row in connection.execute(statement)]


def unended_frames(
    connection: Connection, history_id: str, execution_id: str, *, limit: int
) -> list[FrameRow]:
    """Frames of one (child) execution that have not ended; those with a token come first."""
    waiting = case((frames.c.phase == Phase.SUBMITTED, 0), else_=1)
    statement = (
        select(frames)
        .where(
            frames.c.fan_out_id.in_(_fan_outs_of(history_id, execution_id)),
            frames.c.history_id == history_id,
            text(RUNNING),
        )
        .order_by(waiting, frames.c.id)
        .limit(limit)
    )
    root = find_frame(connection, history_id)
    inner = [frame_of(row) for row in connection.execute(statement)]
    return inner if root is None or root.has_ended else [root, *inner]


def claimed_frames(connection: Connection, *, limit: int) -> list[FrameRow]:
    """Frames whose functions are being called by workers."""
    statement = select(frames).where(frames.c.claimed_by.is_not(None)).limit(limit)
    return [frame_of(row) for row in connection.execute(statement)]


def waiting_calls(connection: Connection, *, limit: int) -> list[FrameRow]:
    """Frames whose function calls wait for a worker, earliest wake-up first."""
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


def _fan_outs_of(history_id: str, execution_id: str) -> Select[tuple[str]]:
    return select(fan_outs.c.id).where(
        fan_outs.c.execution_id == execution_id, fan_outs.c.history_id == history_id
    )
