"""Migrations, which bring the ledger's schema up to date at start.

Several processes may run them at once, and repeatedly: each migration commits together with its
version number, under a lock that other processes wait for.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, func, insert, inspect, select, text

from pipeline.ledger import log_deliveries, machine_schema, unused_code  # noqa: F401 - for their tables
from pipeline.ledger.database import Database
from pipeline.ledger.schema import metadata, schema_versions

_ADVISORY_LOCK = 0x57A7EBA6
"""A number that no other advisory lock in the database uses."""

_NAMED = 5
"""How many missing columns a message names."""


class LedgerOfAnotherVersion(Exception):
    """The database holds a ledger of another version of StateBag, which stays as it is.

    Attributes:
        database: Its URL, without a password.
        missing: The missing columns: ``frames.wake_at``.
    """

    def __init__(self, database: str, missing: Sequence[str]) -> None:
        super().__init__(database, missing)
        self.database = database
        self.missing = missing

    def __str__(self) -> str:
        others = ", ..." if len(self.missing) > _NAMED else ""
        return (
            f"The ledger {self.database} was made by another version of StateBag: it lacks"
            f" {', '.join(self.missing[:_NAMED])}{others}. Go on with that version, or name another"
            " ledger (STATEBAG_LEDGER_URL, STATEBAG_DATA_DIR)."
        )


def migrate(database: Database) -> None:
    """Bring the schema up to date from the version that the database has.

    Raises:
        LedgerOfAnotherVersion: No migration leads from its version to this one.
    """
    with database.durable() as connection:
        _lock(connection)
        done = _version(connection)
        for version, migration in enumerate(MIGRATIONS[done:], start=done + 1):
            migration(connection)
            connection.execute(insert(schema_versions).values(version=version))
        if missing := _missing_columns(connection):
            raise LedgerOfAnotherVersion(database.url.render_as_string(), missing)


def _lock(connection: Connection) -> None:
    # On SQLite the transaction is the lock: it began IMMEDIATE.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_versions.name):
        return 0
    return connection.scalar(select(func.max(schema_versions.c.version))) or 0


def _missing_columns(connection: Connection) -> list[str]:
    there = {
        (table, column["name"])
        for (_, table), columns in inspect(connection).get_multi_columns().items()
        for column in columns
    }
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if (table.name, column.name) not in there
    ]


def _create_tables(connection: Connection) -> None:
    metadata.create_all(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_create_tables,)
