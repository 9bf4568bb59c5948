"""History batches: written in the transaction of their transition, read in commit order.

A batch gets its number when it is written, and on PostgreSQL a higher number may be committed
first. So a transaction that appends to a history holds a shared lock on it until the commit, and a
reader holds the lock exclusively while it reads: by then every assigned number is committed, and no
new one is assigned.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select

from pipeline.ledger.database import Database
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import HistoryBatch, values_of
from pipeline.ledger.schema import history

Result = TypeVar("Result")

LOCK_TIMEOUT = "2s"
"""A writer that hangs must not block the writers that queue up behind a reader."""

_COLUMNS = [column.name for column in history.c if column.name != "number"]
_KEY = func.hashtextextended(bindparam("history_id", type_=history.c.history_id.type), 0)

# No caller needs the number of a new row.
_INSERT = insert(history).inline()
# PostgreSQL evaluates the condition before the row gets its number, without a round trip of its
# own.
_INSERT_SHARING = insert(history).from_select(
    _COLUMNS,
    select(*(bindparam(name, type_=history.c[name].type) for name in _COLUMNS)).where(
        func.pg_advisory_xact_lock_shared(_KEY).is_not(None)
    ),
    include_defaults=False,
)
_LENGTH = select(func.sum(history.c.length)).where(
    history.c.history_id == bindparam("history_id", type_=history.c.history_id.type)
)
_LOCK = select(func.pg_advisory_xact_lock(_KEY))
_LIMIT_WAITING = select(func.set_config("lock_timeout", LOCK_TIMEOUT, True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A batch without its events; see ``HistoryBatch``."""

    number: int
    frame_id: str
    parent_id: str | None
    ends: bool
    dead_end: str | None
    length: int


def append(connection: Connection, batches: Sequence[HistoryBatch]) -> None:
    """Append batches; each is one row.

    In a transaction this comes after every other statement that may wait for a lock, because
    readers wait for the commit.
    """
    on_postgresql = connection.dialect.name == "postgresql"
    own = {batch.history_id for batch in batches if _is_of_a_whole_child(batch)}
    for is_own, some in groupby(batches, lambda batch: batch.history_id in own):
        sharing = on_postgresql and not is_own
        statement = _INSERT_SHARING if sharing else _INSERT
        connection.execute(statement, [values_of(batch) for batch in some])


def _is_of_a_whole_child(batch: HistoryBatch) -> bool:
    """Whether a batch comes from the frame of a child execution, which owns this history.

    The transaction that writes it has locked that frame and everything below it, so no other
    transaction appends to this history before the commit. It needs no further lock; a transaction
    that ends or revives thousands of children could not hold that many.
    """
    return batch.parent_id is not None and batch.frame_id == batch.history_id


def read_settled(
    database: Database, history_id: str, read: Callable[[Connection], Result]
) -> Result:
    """Read a history so that no batch can later appear between those that were read.

    Args:
        read: Reads with the given connection. It must be quick, because it blocks all writers.
    """

    def attempt() -> Result:
        if database.is_sqlite:  # one writer: numbers follow the order of commits
            with database.reading() as connection:
                return read(connection)
        with database.quick() as connection:
            connection.execute(_LIMIT_WAITING)
            connection.execute(_LOCK, {"history_id": history_id})
            return read(connection)

    return retrying(attempt)


def length_of(connection: Connection, history_id: str) -> int:
    """How many events one (child) execution has so far."""
    return int(connection.scalar(_LENGTH, {"history_id": history_id}) or 0)


def outlines_of(connection: Connection, history_id: str) -> list[Outline]:
    """The batches of one (child) execution's history in order, without their events."""
    own = history.c
    statement = (
        select(own.number, own.frame_id, own.parent_id, own.ends, own.dead_end, own.length)
        .where(own.history_id == history_id)
        .order_by(own.number)
    )
    return [Outline(**row._mapping) for row in connection.execute(statement)]


def events_of(connection: Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    """The packed events of some batches, by the batches' numbers."""
    statement = select(history.c.number, history.c.events).where(history.c.number.in_(numbers))
    return {row.number: row.events for row in connection.execute(statement)}


def batches_of(
    connection: Connection, history_id: str, *, after: int = 0
) -> Iterator[tuple[int, HistoryBatch]]:
    """The batches of one (child) execution's history in order, with their row numbers.

    Args:
        after: Skip rows up to this number.
    """
    statement = (
        select(history)
        .where(history.c.history_id == history_id, history.c.number > after)
        .order_by(history.c.number)
    )
    for row in connection.execute(statement):
        values = dict(row._mapping)
        number = values.pop("number")
        yield number, HistoryBatch(**values)
