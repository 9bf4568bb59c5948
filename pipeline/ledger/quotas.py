"""Counts of what an account has in a region, locked against additions until the commit."""

from sqlalchemy import Connection, Table, Text, bindparam, func, select

_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("quota", type_=Text), 0)))


def count_for_quota(connection: Connection, table: Table, account_id: str, region: str) -> int:
    """How many rows of a table belong to an account in a region.

    A transaction calls this after it has inserted a row. The lock waits for all transactions that
    called it before, so their rows are counted, too.

    Args:
        connection: In a transaction that writes.
        table: Has the columns ``account_id`` and ``region``, and an index that begins with them.
        account_id: The account.
        region: The region.
    """
    # SQLite has only one writer.
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"quota": f"{table.name}/{account_id}/{region}"})
    statement = select(func.count()).where(
        table.c.account_id == account_id, table.c.region == region
    )
    return connection.scalar(statement) or 0
