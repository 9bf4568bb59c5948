"""Which table a name means: one of the process services, or one in DynamoDB."""

import os
from functools import lru_cache

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.process_services import process_services
from tasks.smart_statebag.tables.dynamodb_table import DynamoDBTable
from tasks.smart_statebag.tables.schemas import TableSchema
from tasks.smart_statebag.tables.table import Table

ENDPOINTS = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")


def open_table(schema: TableSchema) -> Table:
    """The table that a setting names, in the process services' tables, else in DynamoDB.

    Raises:
        MissingSetting: No variable names the table.
    """
    name = os.environ.get(schema.setting)
    if not name:
        raise MissingSetting(schema.setting)
    tables = process_services().tables
    if tables is not None:
        return DynamoDBTable(name, tables)
    return _dynamodb_table(name, next((os.environ[e] for e in ENDPOINTS if os.environ.get(e)), ""))


@lru_cache(maxsize=8)
def _dynamodb_table(name: str, endpoint: str) -> Table:
    # ``endpoint`` is part of the key: the client of one server must not ask another.
    return DynamoDBTable(name)
