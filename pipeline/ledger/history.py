"""History batches: appended with the transition that made them, read in commit order."""

from collections.abc import Iterator

from sqlalchemy import Connection, insert, select

from pipeline.ledger.rows import HistoryBatch, values_of
from pipeline.ledger.schema import history

# Nobody asks for the number of a new row.
_INSERT = insert(history).inline()


def append(connection: Connection, batches: list[HistoryBatch]) -> None:
    """Append batches; each is one row."""
    if batches:
        connection.execute(_INSERT, [values_of(batch) for batch in batches])


def batches_of(
    connection: Connection, history_id: str, *, after: int = 0
) -> Iterator[tuple[int, HistoryBatch]]:
    """The batches of one (child) execution's history in order, with their row numbers.

    Args:
        after: Leave out rows up to this number; for readers that follow a running execution.
            On PostgreSQL two frames that commit at the same moment may become visible against
            the order of their numbers, so such a reader may miss one: what must be complete is
            read from the start, after the end.
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
