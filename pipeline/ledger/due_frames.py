"""Frames that the sweeper wakes: those that are due, and those whose worker is lost."""

from sqlalchemy import ColumnElement, Connection, and_, select, update

from pipeline.interpreter.frame import Phase
from pipeline.ledger.frames import UNENDED, frame_of
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.schema import frames, workers

LATE = 16
"""After so many wake-ups without effect, every message under way counts as lost."""


def due(connection: Connection, now: float, limit: int) -> list[FrameRow]:
    """Frames that are due to be woken, longest overdue first."""
    statement = (
        select(frames).where(frames.c.wake_at <= now).order_by(frames.c.wake_at).limit(limit)
    )
    return [frame_of(row) for row in connection.execute(statement)]


def postpone(connection: Connection, row: FrameRow, wake_at: float) -> bool:
    """Reserve the waking of a frame for this sweeper. Returns False if another was first."""
    statement = (
        update(frames)
        .where(
            frames.c.id == row.id,
            frames.c.version == row.version,
            frames.c.wake_at == row.wake_at,
        )
        .values(wake_at=wake_at, wake_ups=frames.c.wake_ups + 1)
    )
    return connection.execute(statement).rowcount == 1


def has_orphans(connection: Connection, silent_since: float) -> bool:
    """Whether any frame is claimed by a silent worker: one without a heartbeat since that time."""
    return (
        connection.scalar(select(frames.c.id).where(_orphaned(silent_since)).limit(1)) is not None
    )


def release_orphans(connection: Connection, silent_since: float, now: float) -> list[FrameRow]:
    """Release every frame that a silent worker has claimed, and make it due now.

    Each frame counts the loss, so that a call that kills its workers is not repeated for ever.

    Returns:
        The released frames, as they are now.
    """
    statement = (
        update(frames)
        .where(_orphaned(silent_since))
        .values(claimed_by=None, wake_at=now, losses=frames.c.losses + 1)
        .returning(*frames.c)
    )
    return [frame_of(row) for row in connection.execute(statement)]


def _orphaned(silent_since: float) -> ColumnElement[bool]:
    alive = select(workers.c.id).where(workers.c.heartbeat_at >= silent_since)
    return and_(frames.c.claimed_by.is_not(None), frames.c.claimed_by.not_in(alive), UNENDED)


def expedite_joins(connection: Connection, now: float) -> None:
    """Make every running fan-out due now: a worker may have died between two items."""
    connection.execute(
        update(frames)
        .where(frames.c.phase == Phase.JOINING, frames.c.wake_at > now)
        .values(wake_at=now, wake_ups=LATE)
    )


def expedite_unclaimed(connection: Connection, now: float) -> None:
    """Make every frame due whose message only the broker held.

    For a broker that loses its messages on exit. Waits and retry delays keep their times.
    """
    connection.execute(
        update(frames)
        .where(
            frames.c.claimed_by.is_(None),
            frames.c.wake_at > now,
            frames.c.phase.in_([Phase.READY, Phase.INVOKING, Phase.JOINING]),
        )
        .values(wake_at=now, wake_ups=LATE)
    )
