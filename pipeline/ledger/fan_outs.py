"""Fan-outs in the ledger: opening, taking the next item, closing."""

from dataclasses import asdict, replace

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.ledger.database import Database
from pipeline.ledger.frames import insert_frame
from pipeline.ledger.rows import FanOutRow, FrameRow
from pipeline.ledger.schema import fan_outs


class TurnTaken(Exception):
    """Somebody else took this turn of the lane: the message was delivered twice."""


def insert_fan_out(connection: Connection, row: FanOutRow) -> None:
    """Write a new fan-out."""
    connection.execute(insert(fan_outs).values(**asdict(row)))


def find_fan_out(connection: Connection, fan_out_id: str) -> FanOutRow | None:
    """The fan-out with this id."""
    statement = select(fan_outs).where(fan_outs.c.id == fan_out_id)
    return _row(connection.execute(statement).one_or_none())


def open_fan_out_of(connection: Connection, frame_id: str) -> FanOutRow | None:
    """The fan-out whose children this frame is joining."""
    statement = select(fan_outs).where(fan_outs.c.frame_id == frame_id, fan_outs.c.is_open)
    return _row(connection.execute(statement).one_or_none())


def take(
    database: Database, child: FrameRow, *, group_id: str | None, own_history: bool
) -> FrameRow | None:
    """Give the next item of a fan-out to a lane.

    Args:
        child: The frame to write; its id and position are filled in here.
        group_id: Group of the chord, where the taker is a message of the chord.
        own_history: Whether the child is an execution of its own in the history.

    Returns:
        The frame as written, or None when no item is left or the fan-out is closed.

    Raises:
        TurnTaken: This turn of this lane has been taken already.
    """
    with database.quick() as connection:
        taken = connection.scalar(
            update(fan_outs)
            .where(
                fan_outs.c.id == child.fan_out_id,
                fan_outs.c.is_open,
                fan_outs.c.taken < fan_outs.c.total,
            )
            .values(
                taken=fan_outs.c.taken + 1,
                group_id=fan_outs.c.group_id if group_id is None else group_id,
            )
            .returning(fan_outs.c.taken)
        )
        if taken is None:
            return None
        child_id = f"{child.fan_out_id}.{taken - 1}"
        row = replace(
            child,
            id=child_id,
            position=taken - 1,
            history_id=child_id if own_history else child.history_id,
        )
        try:
            insert_frame(connection, row)
        except IntegrityError as error:
            raise TurnTaken from error  # and with it the count goes back
        return row


def is_exhausted(connection: Connection, fan_out_id: str) -> bool:
    """Whether every item has been taken, or nobody wants the rest any more."""
    return not connection.scalar(
        select(fan_outs.c.id).where(
            fan_outs.c.id == fan_out_id,
            fan_outs.c.is_open,
            fan_outs.c.taken < fan_outs.c.total,
        )
    )


def record_stage(connection: Connection, fan_out_id: str, **packed: bytes) -> None:
    """Store a finished stage of a distributed Map: pre_snapshot, results or post_snapshot."""
    connection.execute(update(fan_outs).where(fan_outs.c.id == fan_out_id).values(**packed))


def fan_outs_of_execution(connection: Connection, execution_id: str) -> list[FanOutRow]:
    """Every fan-out of an execution, for progress displays."""
    statement = select(fan_outs).where(fan_outs.c.execution_id == execution_id)
    return [_fan_out(row) for row in connection.execute(statement)]


def _row(row: Row[tuple[object, ...]] | None) -> FanOutRow | None:
    return None if row is None else _fan_out(row)


def _fan_out(row: Row[tuple[object, ...]]) -> FanOutRow:
    return FanOutRow(**row._mapping)
