"""Frames in the ledger: queries that read, claim and move them.

The statements of every wake-up are built once: building one costs more than its round trip.
"""

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    TextClause,
    Update,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from pipeline.interpreter.frame import Phase
from pipeline.ledger.rows import Claim, FrameRow, values_of
from pipeline.ledger.schema import FAILED, RUNNING, frames

UNENDED = text(RUNNING)
"""The frame may still move."""

_FAILED = text(FAILED)

_INSERT = insert(frames)
_FIND = select(frames).where(frames.c.id == bindparam("frame_id"))
_UNMOVED: tuple[ColumnElement[bool] | TextClause, ...] = (
    frames.c.id == bindparam("frame_id"),
    frames.c.version == bindparam("known_version"),
    UNENDED,
)
_CLAIM = update(frames).where(*_UNMOVED, frames.c.claimed_by.is_(None)).returning(*frames.c)
# A redrive gives a frame that fans out its earlier version again.
_MOVE = update(frames).where(*_UNMOVED, frames.c.redrive_count == bindparam("known_redrives"))
_MOVE_CLAIMED = _MOVE.where(frames.c.claimed_by == bindparam("known_claim"))
_MOVE_UNCLAIMED = _MOVE.where(frames.c.claimed_by.is_(None))


def insert_frame(connection: Connection, row: FrameRow) -> None:
    """Write a new frame."""
    connection.execute(_INSERT, values_of(row))


def find_frame(connection: Connection, frame_id: str) -> FrameRow | None:
    """The frame with this id."""
    return _row(connection.execute(_FIND, {"frame_id": frame_id}).one_or_none())


def claim(
    connection: Connection, frame_id: str, version: int, worker_id: str, wake_at: float | None
) -> FrameRow | None:
    """Claim a frame for a worker, unless it has moved or is claimed.

    Args:
        wake_at: When the sweeper wakes it although it is claimed (a timeout), or None.
    """
    known = {"frame_id": frame_id, "known_version": version}
    values = {"claimed_by": worker_id, "wake_at": wake_at}
    return _row(connection.execute(_CLAIM, known | values).one_or_none())


def move(connection: Connection, row: FrameRow, *, claimed_by: str | None, any_claim: bool) -> bool:
    """Compare and set: replace the frame at version n - 1 by ``row``, whose version is n.

    Args:
        claimed_by: The worker that must hold the claim now; None for no claim.
        any_claim: Move the frame whichever worker holds the claim (a timeout, an answered token).

    Returns:
        Whether the frame was moved.
    """
    known: dict[str, object] = {
        "frame_id": row.id,
        "known_version": row.version - 1,
        "known_redrives": row.redrive_count,
    }
    statement: Update = _MOVE
    if not any_claim and claimed_by is None:
        statement = _MOVE_UNCLAIMED
    elif not any_claim:
        statement, known["known_claim"] = _MOVE_CLAIMED, claimed_by
    values = {
        "version": row.version,
        "phase": row.phase,
        "body": row.body,
        "output": row.output,
        "error": row.error,
        "cause": row.cause,
        "claimed_by": row.claimed_by,
        "wake_at": row.wake_at,
        "wake_ups": 0,
        "losses": row.losses,
        "item_count": row.item_count,
        "activity_arn": row.activity_arn,
        "offered_at": row.offered_at,
    }
    return connection.execute(statement, known | values).rowcount == 1


def lane_frame(connection: Connection, fan_out_id: str, lane: int) -> FrameRow | None:
    """The frame that a lane took last."""
    statement = (
        select(frames)
        .where(frames.c.fan_out_id == fan_out_id, frames.c.lane == lane)
        .order_by(frames.c.turn.desc())
        .limit(1)
    )
    return _row(connection.execute(statement).one_or_none())


def busy_lanes(connection: Connection, fan_out_id: str) -> dict[int, int]:
    """Lanes with a frame that has not ended, each with that frame's turn."""
    # Leaves out children that wait for a redrive: they have no lane, and may be a million.
    statement = select(frames.c.lane, frames.c.turn).where(
        frames.c.fan_out_id == fan_out_id, frames.c.lane.is_not(None), UNENDED
    )
    return {row.lane: row.turn for row in connection.execute(statement)}


def count_by_phase(connection: Connection, fan_out_id: str) -> dict[Phase, int]:
    """How many children of a fan-out are in each phase."""
    statement = (
        select(frames.c.phase, func.count())
        .where(frames.c.fan_out_id == fan_out_id)
        .group_by(frames.c.phase)
    )
    return {Phase(phase): count for phase, count in connection.execute(statement)}


def first_failure(connection: Connection, fan_out_id: str) -> tuple[str, str]:
    """Error and cause of the failed child with the lowest position; there must be one."""
    statement = (
        select(frames.c.error, frames.c.cause)
        .where(frames.c.fan_out_id == fan_out_id, frames.c.phase == Phase.FAILED)
        .order_by(frames.c.position)
        .limit(1)
    )
    row = connection.execute(statement).one()
    return row.error, row.cause


def count_items(connection: Connection, frame_id: str, item_count: int) -> None:
    """Store how many items a child that has just begun works on."""
    connection.execute(update(frames).where(frames.c.id == frame_id).values(item_count=item_count))


def is_running(connection: Connection, fan_out_id: str) -> bool:
    """Whether any child of a fan-out has not ended."""
    statement = select(frames.c.lane).where(frames.c.fan_out_id == fan_out_id, UNENDED).limit(1)
    return connection.execute(statement).first() is not None


def failed_items(connection: Connection, fan_out_id: str) -> int:
    """How many items the failed children of a fan-out worked on."""
    statement = select(func.sum(frames.c.item_count)).where(
        frames.c.fan_out_id == fan_out_id, _FAILED
    )
    return connection.scalar(statement) or 0


def oldest_offer(connection: Connection, activity_arn: str) -> FrameRow | None:
    """The frame whose task has waited longest for a worker of an activity."""
    statement = (
        select(frames)
        .where(frames.c.activity_arn == activity_arn)
        .order_by(frames.c.offered_at, frames.c.id)
        .limit(1)
    )
    return _row(connection.execute(statement).one_or_none())


def settle(connection: Connection, frame_id: str, version: int, wake_at: float | None) -> bool:
    """Change the wake-up time of a frame. Returns False if the frame has moved."""
    statement = (
        update(frames)
        .where(frames.c.id == frame_id, frames.c.version == version)
        .values(wake_at=wake_at)
    )
    return connection.execute(statement).rowcount == 1


def release(connection: Connection, claim: Claim, wake_at: float) -> None:
    """Release one claim of a worker on a frame, to be woken later; a newer claim stays."""
    connection.execute(
        update(frames)
        .where(
            frames.c.id == claim.frame_id,
            frames.c.claimed_by == claim.worker_id,
            frames.c.version == claim.version,
            frames.c.losses == claim.losses,
            frames.c.redrive_count == claim.redrive_count,
            UNENDED,
        )
        .values(claimed_by=None, wake_at=wake_at)
    )


def hear(
    connection: Connection, frame_id: str, version: int, heard_at: float, wake_at: float | None
) -> bool:
    """Record a heartbeat without moving the frame. Returns False if the frame has moved.

    The heartbeat has a column of its own, which no transition writes. Otherwise a function that
    returns at the same moment would undo it.
    """
    statement = (
        update(frames)
        .where(frames.c.id == frame_id, frames.c.version == version, UNENDED)
        .values(heard_at=heard_at, wake_at=wake_at)
    )
    return connection.execute(statement).rowcount == 1


def _row(row: Row[tuple[object, ...]] | None) -> FrameRow | None:
    return None if row is None else frame_of(row)


def frame_of(row: Row[tuple[object, ...]]) -> FrameRow:
    """The value of a row that holds all columns."""
    values = dict(row._mapping)
    values["phase"] = Phase(values["phase"])
    return FrameRow(**values)
