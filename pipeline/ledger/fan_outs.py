"""Fan-outs in the ledger: opening, taking the next item, closing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from pipeline.ledger.database import Database
from pipeline.ledger.frames import insert_frame, lane_frame
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import (
    LANES_OF_AN_ATTEMPT,
    FanOutRow,
    FanOutStatus,
    FrameRow,
    values_of,
)
from pipeline.ledger.schema import fan_outs, item_pages


def may_take(lane: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a lane may take a child of a fan-out.

    The lane must belong to the latest attempt, and its number must be below a changed number of
    lanes. Once more items have failed than the state tolerates, no lane may take a child: AWS
    starts no iteration after the one that fails its Map.
    """
    first = fan_outs.c.redrive_count * LANES_OF_AN_ATTEMPT
    is_within = or_(fan_outs.c.width.is_(None), fan_outs.c.width + first > lane)
    return and_(fan_outs.c.is_open, lane >= first, is_within, _tolerates_failures())


def _tolerates_failures() -> ColumnElement[bool]:
    """The negation of the language's ``exceeds_tolerance``, on the fan-out's own columns."""
    failures, count = fan_outs.c.failures, fan_outs.c.tolerated_count
    percentage = fan_outs.c.tolerated_percentage
    items = func.coalesce(fan_outs.c.item_count, fan_outs.c.total)
    return or_(
        failures == 0,
        and_(
            or_(count > 0, percentage > 0),
            or_(count == 0, failures <= count),
            or_(percentage == 0, failures * 100 <= percentage * items),
        ),
    )


_INSERT = insert(fan_outs)
_FIND = select(fan_outs).where(fan_outs.c.id == bindparam("fan_out_id"))
_TAKE = (
    update(fan_outs)
    .where(
        fan_outs.c.id == bindparam("fan_out_id"),
        fan_outs.c.taken < fan_outs.c.total,
        may_take(bindparam("taker", type_=Integer)),
    )
    .values(
        taken=fan_outs.c.taken + 1,
        group_id=func.coalesce(bindparam("lane_group"), fan_outs.c.group_id),
    )
    .returning(fan_outs.c.taken)
)
_FIND_PAGE = (
    select(item_pages.c.first, item_pages.c.page)
    .where(
        item_pages.c.fan_out_id == bindparam("fan_out_id"),
        item_pages.c.first <= bindparam("position"),
    )
    .order_by(item_pages.c.first.desc())
    .limit(1)
)
_REPORT = (
    update(fan_outs)
    .where(fan_outs.c.id == bindparam("fan_out_id"))
    .values(failures=fan_outs.c.failures + bindparam("count"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItems:
    """The items or batches for the children of a fan-out, as stored.

    Attributes:
        pages: Position of the first item of each page, and the packed page.
        total: How many children the fan-out has.
        item_count: How many items all batches hold; None without batches.
    """

    pages: list[tuple[int, bytes]]
    total: int
    item_count: int | None = None


class TurnTaken(Exception):
    """Another worker took this turn of the lane: the message was delivered twice."""


def insert_fan_out(connection: Connection, row: FanOutRow) -> None:
    """Write a new fan-out."""
    connection.execute(_INSERT, values_of(row))


def find_fan_out(connection: Connection, fan_out_id: str) -> FanOutRow | None:
    """The fan-out with this id."""
    return _row(connection.execute(_FIND, {"fan_out_id": fan_out_id}).one_or_none())


def take(
    database: Database,
    child: FrameRow,
    *,
    group_id: str | None,
    own_history: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> FrameRow | None:
    """Give the next item of a fan-out to a lane.

    Args:
        child: The frame to write; this function sets its id and position.
        group_id: Group of the chord; None unless a message of the chord takes the item.
        own_history: Whether the child has a history of its own, as a child execution.
        sleep: Waits so many seconds before another attempt after a lost connection.

    Returns:
        The frame as written, or None when no item is left or the fan-out is closed.

    Raises:
        TurnTaken: Another message took this turn of this lane.
    """

    def attempt() -> FrameRow | None:
        with database.quick() as connection:
            return _take(connection, child, group_id, own_history=own_history)

    def attempt_again() -> FrameRow | None:
        try:
            return attempt() or _own_turn(database, child)
        except TurnTaken:
            if own := _own_turn(database, child):
                return own
            raise

    return retrying(attempt, attempt_again, sleep=sleep)


def _take(
    connection: Connection, child: FrameRow, group_id: str | None, *, own_history: bool
) -> FrameRow | None:
    known = {"fan_out_id": child.fan_out_id, "lane_group": group_id, "taker": child.lane}
    taken = connection.scalar(_TAKE, known)
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
        raise TurnTaken from error  # and the rollback restores the count
    return row


def _own_turn(database: Database, child: FrameRow) -> FrameRow | None:
    """The frame that this worker took in this turn, if it has not moved."""
    if child.fan_out_id is None or child.lane is None:
        return None
    with database.reading() as connection:
        last = lane_frame(connection, child.fan_out_id, child.lane)
    blank = (child.turn, child.version, child.claimed_by)
    return last if last and (last.turn, last.version, last.claimed_by) == blank else None


def record_items(connection: Connection, fan_out_id: str, items: StoredItems) -> None:
    """Store the items, unless another process already has or the fan-out is closed."""
    recorded = connection.execute(
        update(fan_outs)
        .where(fan_outs.c.id == fan_out_id, fan_outs.c.is_open, fan_outs.c.is_read.is_(False))
        .values(is_read=True, total=items.total, item_count=items.item_count)
    )
    if recorded.rowcount and items.pages:
        pages = [
            {"fan_out_id": fan_out_id, "first": first, "page": page} for first, page in items.pages
        ]
        connection.execute(insert(item_pages), pages)


def find_page(connection: Connection, fan_out_id: str, position: int) -> tuple[int, bytes] | None:
    """The page that covers a position, and the position of the page's first item."""
    row = connection.execute(_FIND_PAGE, {"fan_out_id": fan_out_id, "position": position}).first()
    return None if row is None else (row.first, row.page)


def report_failed_items(connection: Connection, fan_out_id: str, count: int) -> None:
    """Count the items of a child that fails."""
    connection.execute(_REPORT, {"fan_out_id": fan_out_id, "count": count})


def record_failure(connection: Connection, known: FanOutRow, *, error: str, cause: str) -> bool:
    """Store the error of reading the items or of writing the results.

    Returns:
        False if the fan-out is over, or was redriven since it was read.
    """
    return _record(connection, known, error=error, cause=cause)


def record_stage(connection: Connection, known: FanOutRow, **packed: bytes) -> bool:
    """Store a finished stage of a distributed Map: pre_snapshot, results or post_snapshot.

    Returns:
        False if the fan-out is over, or was redriven since it was read.
    """
    return _record(connection, known, **packed)


def _record(connection: Connection, known: FanOutRow, **values: str | bytes) -> bool:
    # A late result of an earlier attempt must not count as a result of this one.
    statement = (
        update(fan_outs)
        .where(
            fan_outs.c.id == known.id,
            fan_outs.c.status == FanOutStatus.RUNNING,
            fan_outs.c.redrive_count == known.redrive_count,
        )
        .values(**values)
    )
    return connection.execute(statement).rowcount == 1


def fan_outs_of_execution(connection: Connection, execution_id: str) -> list[FanOutRow]:
    """Every fan-out of an execution, for progress displays."""
    statement = select(fan_outs).where(fan_outs.c.execution_id == execution_id)
    return [fan_out_of(row) for row in connection.execute(statement)]


def _row(row: Row[tuple[object, ...]] | None) -> FanOutRow | None:
    return None if row is None else fan_out_of(row)


def fan_out_of(row: Row[tuple[object, ...]]) -> FanOutRow:
    """The value of a row that holds all columns."""
    values = dict(row._mapping)
    values["status"] = FanOutStatus(values["status"])
    return FanOutRow(**values)
