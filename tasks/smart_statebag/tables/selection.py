"""Which table the environment means: the engine's own, one of a local file, or DynamoDB's."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.tables.dynamodb_table import DynamoDBTable
from tasks.smart_statebag.tables.schemas import TableSchema
from tasks.smart_statebag.tables.sqlite_table import SqliteTable
from tasks.smart_statebag.tables.table import Table

LOCAL_FILE = "LOCAL_TABLES_FILE"
ENDPOINTS = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")


@dataclass(slots=True)
class _Place:
    client: Any = None


IN_LEDGER = _Place()
"""A worker whose engine keeps tables itself puts their client here; it is asked as boto3's."""


def open_table(schema: TableSchema) -> Table:
    """A table by its setting: the engine's, that of ``LOCAL_TABLES_FILE``, else DynamoDB's.

    Raises:
        MissingSetting: No variable names the table.
    """
    name = os.environ.get(schema.setting)
    if not name:
        raise MissingSetting(schema.setting)
    if IN_LEDGER.client is not None:
        return DynamoDBTable(name, IN_LEDGER.client)
    file = os.environ.get(LOCAL_FILE)
    if file:
        return SqliteTable(Path(file), name, schema)
    return _dynamodb_table(name, next((os.environ[e] for e in ENDPOINTS if os.environ.get(e)), ""))


@lru_cache(maxsize=8)
def _dynamodb_table(name: str, endpoint: str) -> Table:
    # ``endpoint`` is part of the key: the client of one server must not ask another.
    return DynamoDBTable(name)
