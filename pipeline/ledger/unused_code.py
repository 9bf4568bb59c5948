"""Code that no stored function uses any more. Running calls may still need it for a while."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Double, Index, Table, Text, delete, exists, select

from pipeline.ledger.schema import metadata, stored_functions
from pipeline.ledger.upserts import insert_into

unused_code = Table(
    "unused_code",
    metadata,
    Column("sha256", Text, primary_key=True, comment="of the zip in the object store"),
    Column("since", Double, nullable=False),
    Index("unused_code_by_time", "since"),
)


def mark_unused(connection: Connection, sha256: str, now: float) -> None:
    """Record that code is unused from now on, whatever was recorded before."""
    statement = insert_into(connection, unused_code).values(sha256=sha256, since=now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["sha256"], set_={"since": now})
    )


def note_use(connection: Connection, changed: Iterable[str], now: float) -> None:
    """Record which of these hashes a function uses, after a change."""
    for sha256 in sorted(changed):  # sorted, so that two transactions never deadlock
        if is_used(connection, sha256):
            connection.execute(delete(unused_code).where(unused_code.c.sha256 == sha256))
        else:
            mark_unused(connection, sha256, now)


def is_used(connection: Connection, sha256: str) -> bool:
    """Whether any version of a function uses this code."""
    statement = select(exists().where(stored_functions.c.code_sha256 == sha256))
    return bool(connection.scalar(statement))


def take_unused(connection: Connection, since: float) -> str | None:
    """Delete and return one hash that has been unused since then; None if there is none.

    Until the transaction ends, no other one can change what is recorded of it.
    """
    oldest = select(unused_code.c.sha256).where(unused_code.c.since <= since)
    oldest = oldest.order_by(unused_code.c.since).limit(1)
    statement = delete(unused_code).where(
        unused_code.c.sha256 == oldest.scalar_subquery(), unused_code.c.since <= since
    )
    return connection.scalar(statement.returning(unused_code.c.sha256))
