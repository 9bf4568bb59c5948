"""A table in a local SQLite file, for running without DynamoDB.

The file may be the engine's ledger: then ``dynamodb:getItem`` of a state machine reads the same
rows. That is why the layout is the ledger's:

| table | column | holds |
|---|---|---|
| ``local_tables`` | ``name``, ``key_names`` | a table, and the names of its key as a JSON array |
| ``local_items`` | ``table_name`` | whose row it is |
| | ``key`` | the key in DynamoDB's JSON, compact, in the order of ``key_names`` |
| | ``item`` | the whole row in DynamoDB's JSON |

A row past its ``ttl`` counts as absent and goes with the next write.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tasks.smart_statebag.bag.errors import InvalidInput, StorageUnavailable
from tasks.smart_statebag.bag.json_value import Json, decode, encode
from tasks.smart_statebag.tables.attribute_values import from_attributes, to_attributes
from tasks.smart_statebag.tables.conditions import Condition, holds
from tasks.smart_statebag.tables.schemas import TableSchema
from tasks.smart_statebag.tables.table import ConditionNotMet, Query, Row

BUSY_SECONDS = 10.0

LAYOUT = (
    "CREATE TABLE IF NOT EXISTS local_tables (name TEXT NOT NULL, key_names TEXT NOT NULL, "
    "PRIMARY KEY (name))",
    "CREATE TABLE IF NOT EXISTS local_items (table_name TEXT NOT NULL, key TEXT NOT NULL, "
    "item TEXT NOT NULL, PRIMARY KEY (table_name, key))",
)
DECLARE = "INSERT OR IGNORE INTO local_tables (name, key_names) VALUES (?, ?)"
PUT = "INSERT OR REPLACE INTO local_items (table_name, key, item) VALUES (?, ?, ?)"
PURGE = """
DELETE FROM local_items
WHERE table_name = ? AND CAST(json_extract(item, '$.ttl.N') AS INTEGER) < ?
"""
LIVE = """
SELECT item FROM local_items
WHERE table_name = ? AND ifnull(CAST(json_extract(item, '$.ttl.N') AS INTEGER) >= ?, 1)
"""
BY_KEY = " AND key = ?"
EQUAL = " AND json_extract(item, ?) = ?"
BEGINS_WITH = " AND substr(json_extract(item, ?), 1, ?) = ?"


class SqliteTable:
    """One table of a local file; a connection lasts for one operation, so any thread may ask."""

    def __init__(
        self,
        file: Path,
        name: str,
        schema: TableSchema,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._file = file
        self._schema = schema
        self._now = now

    def get(self, key: Mapping[str, str]) -> Row | None:
        with self._connection() as connection:
            return self._find(connection, key)

    def put(self, row: Row, *, only_if: Condition | None = None) -> None:
        key = {name: _key_value(row, name) for name in self._schema.key}
        with self._transaction() as connection:
            if only_if is not None:
                self._require(connection, key, only_if)
            self._write(connection, key, row)

    def update(self, key: Mapping[str, str], values: Row, *, only_if: Condition) -> None:
        with self._transaction() as connection:
            row = self._require(connection, key, only_if)
            self._write(connection, key, {**key, **(row or {}), **values})

    def query(self, query: Query) -> list[Row]:
        statement = LIVE
        values: list[str | int] = [self.name, self._seconds()]
        for name, value in query.equal.items():
            statement += EQUAL
            values += [f'$."{name}".S', value]
        for name, value in query.begins_with.items():
            statement += BEGINS_WITH
            values += [f'$."{name}".S', len(value), value]
        with self._connection() as connection:
            return [_row(item) for (item,) in connection.execute(statement, values)]

    def _require(
        self, connection: sqlite3.Connection, key: Mapping[str, str], condition: Condition
    ) -> Row | None:
        row = self._find(connection, key)
        if not holds(condition, row):
            raise ConditionNotMet(self.name, key)
        return row

    def _find(self, connection: sqlite3.Connection, key: Mapping[str, str]) -> Row | None:
        values = (self.name, self._seconds(), self._key_text(key))
        found = connection.execute(LIVE + BY_KEY, values).fetchone()
        return None if found is None else _row(found[0])

    def _write(self, connection: sqlite3.Connection, key: Mapping[str, str], row: Row) -> None:
        names: Json = list(self._schema.key)
        connection.execute(DECLARE, (self.name, encode(names).decode()))
        connection.execute(PURGE, (self.name, self._seconds()))
        item = encode(to_attributes(row)).decode()
        connection.execute(PUT, (self.name, self._key_text(key), item))

    def _key_text(self, key: Mapping[str, str]) -> str:
        return encode(to_attributes({name: key[name] for name in self._schema.key})).decode()

    def _seconds(self) -> int:
        return int(self._now())

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # Autocommit: a transaction begins where it is said.
            connect = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
            with closing(connect) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                for statement in LAYOUT:
                    connection.execute(statement)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise StorageUnavailable(self.name, f"{type(error).__name__}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The one writer of the file; closing without a commit undoes what was written."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")


def _key_value(row: Row, name: str) -> str:
    value: Json = row.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(name, "is the key of a table and must be a text")
    return value


def _row(item: str) -> Row:
    attributes = decode(item)
    return from_attributes(attributes) if isinstance(attributes, dict) else {}
