"""Which table the environment means: DynamoDB's, or one of a local file."""

import os
from functools import lru_cache
from pathlib import Path

from tasks.bag.errors import MissingSetting
from tasks.tables.dynamodb_table import DynamoDBTable
from tasks.tables.schemas import TableSchema
from tasks.tables.sqlite_table import SqliteTable
from tasks.tables.table import Table

LOCAL_FILE = "LOCAL_TABLES_FILE"
ENDPOINTS = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")


def open_table(schema: TableSchema) -> Table:
    """A table by its setting; in the file ``LOCAL_TABLES_FILE`` if that is set, else DynamoDB's.

    Raises:
        MissingSetting: No variable names the table.
    """
    name = os.environ.get(schema.setting)
    if not name:
        raise MissingSetting(schema.setting)
    file = os.environ.get(LOCAL_FILE)
    if file:
        return SqliteTable(Path(file), name, schema)
    return _dynamodb_table(name, next((os.environ[e] for e in ENDPOINTS if os.environ.get(e)), ""))


@lru_cache(maxsize=8)
def _dynamodb_table(name: str, endpoint: str) -> Table:
    # ``endpoint`` is part of the key: the client of one server must not ask another.
    return DynamoDBTable(name)
