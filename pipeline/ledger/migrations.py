"""The ledger's schema, brought up to date at start.

Safe to run from several processes at once, and again: each migration commits together with its
version number, under a lock that the others wait for.
"""

from collections.abc import Callable

from sqlalchemy import Connection, func, insert, inspect, select, text

from pipeline.ledger import log_deliveries, machine_schema, unused_code  # noqa: F401 - for their tables
from pipeline.ledger.database import Database
from pipeline.ledger.schema import metadata, schema_versions

_ADVISORY_LOCK = 0x57A7EBA6
"""Any number that nothing else in the database uses."""


def migrate(database: Database) -> None:
    """Bring the schema up to date from whatever version the database has."""
    with database.durable() as connection:
        _lock(connection)
        done = _version(connection)
        for version, migration in enumerate(MIGRATIONS[done:], start=done + 1):
            migration(connection)
            connection.execute(insert(schema_versions).values(version=version))


def _lock(connection: Connection) -> None:
    # On SQLite the transaction is the lock: it began IMMEDIATE.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_versions.name):
        return 0
    return connection.scalar(select(func.max(schema_versions.c.version))) or 0


def _create_tables(connection: Connection) -> None:
    metadata.create_all(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_create_tables,)
