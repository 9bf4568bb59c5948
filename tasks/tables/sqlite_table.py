"""A table in a local SQLite file, for running without DynamoDB.

The file has one SQL table, ``items``, which whoever serves ``dynamodb:getItem`` may read too:

| column | holds |
|---|---|
| ``table_name`` | the name of the table |
| ``item_key`` | the attributes of the primary key in DynamoDB's JSON, compact, names sorted |
| ``item`` | the whole row in DynamoDB's JSON |
| ``expires_at`` | the row's ``ttl``, null without one; a row past it counts as absent |
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tasks.bag.errors import InvalidInput, StorageUnavailable
from tasks.bag.json_value import Json, decode, encode_canonical, is_number
from tasks.tables.attribute_values import from_attributes, to_attributes
from tasks.tables.conditions import Condition, holds
from tasks.tables.schemas import TTL_ATTRIBUTE, TableSchema
from tasks.tables.table import ConditionNotMet, Query, Row

BUSY_SECONDS = 10.0

LAYOUT = """
CREATE TABLE IF NOT EXISTS items (
  table_name TEXT NOT NULL,
  item_key TEXT NOT NULL,
  item TEXT NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (table_name, item_key)
)
"""
GET = """
SELECT item FROM items
WHERE table_name = ? AND item_key = ? AND (expires_at IS NULL OR expires_at >= ?)
"""
PUT = "INSERT OR REPLACE INTO items (table_name, item_key, item, expires_at) VALUES (?, ?, ?, ?)"
LIVE = "SELECT item FROM items WHERE table_name = ? AND (expires_at IS NULL OR expires_at >= ?)"
EQUAL = " AND json_extract(item, ?) = ?"
BEGINS_WITH = " AND substr(json_extract(item, ?), 1, ?) = ?"
PURGE = "DELETE FROM items WHERE table_name = ? AND expires_at < ?"


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
            return self._find(connection, _key_text(key))

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
        statement, values = LIVE, [self.name, self._seconds()]
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
        row = self._find(connection, _key_text(key))
        if not holds(condition, row):
            raise ConditionNotMet(self.name, key)
        return row

    def _find(self, connection: sqlite3.Connection, key: str) -> Row | None:
        found = connection.execute(GET, (self.name, key, self._seconds())).fetchone()
        return None if found is None else _row(found[0])

    def _write(self, connection: sqlite3.Connection, key: Mapping[str, str], row: Row) -> None:
        connection.execute(PURGE, (self.name, self._seconds()))
        ttl = row.get(TTL_ATTRIBUTE)
        item = encode_canonical(to_attributes(row)).decode()
        expires_at = int(ttl) if is_number(ttl) else None
        connection.execute(PUT, (self.name, _key_text(key), item, expires_at))

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
                connection.execute(LAYOUT)
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


def _key_text(key: Mapping[str, str]) -> str:
    return encode_canonical(to_attributes(key)).decode()


def _key_value(row: Row, name: str) -> str:
    value: Json = row.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(name, "is the key of a table and must be a text")
    return value


def _row(item: str) -> Row:
    attributes = decode(item)
    return from_attributes(attributes) if isinstance(attributes, dict) else {}
