"""Rows of the local table store."""

from sqlalchemy import Connection, delete, select, text

from pipeline.ledger.schema import local_items, local_tables
from pipeline.ledger.upserts import insert_into


def insert_table(connection: Connection, name: str, key_names: str) -> bool:
    """Write a new table; False if there is one of that name."""
    statement = insert_into(connection, local_tables).values(name=name, key_names=key_names)
    # SQLAlchemy counts the rows of updates and deletions only.
    written = statement.on_conflict_do_nothing().returning(local_tables.c.name)
    return connection.scalar(written) is not None


def find_table(connection: Connection, name: str) -> str | None:
    """The key names of a table."""
    return connection.scalar(select(local_tables.c.key_names).where(local_tables.c.name == name))


def lock_item(connection: Connection, table_name: str, key: str) -> None:
    """Lock an item, whether or not it exists, until the transaction ends."""
    # On SQLite the transaction is the lock: it began IMMEDIATE.
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:item, 0))")
        connection.execute(statement, {"item": f"{table_name}/{key}"})


def find_item(connection: Connection, table_name: str, key: str) -> str | None:
    """An item's text."""
    return connection.scalar(
        select(local_items.c.item).where(
            local_items.c.table_name == table_name, local_items.c.key == key
        )
    )


def items_of(connection: Connection, table_name: str) -> list[str]:
    """The texts of all items of a table."""
    return list(
        connection.scalars(select(local_items.c.item).where(local_items.c.table_name == table_name))
    )


def put_item(connection: Connection, table_name: str, key: str, item: str) -> None:
    """Write an item, and replace the one of the same key."""
    statement = insert_into(connection, local_items).values(
        table_name=table_name, key=key, item=item
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["table_name", "key"], set_={"item": item})
    )


def delete_item(connection: Connection, table_name: str, key: str) -> None:
    """Remove an item."""
    connection.execute(
        delete(local_items).where(local_items.c.table_name == table_name, local_items.c.key == key)
    )
