"""Which table a name means: one of the process services, or one in DynamoDB."""

import os

from tasks.smart_statebag.bag.errors import MissingSetting
from tasks.smart_statebag.process_services import process_services
from tasks.smart_statebag.tables.dynamodb_table import DynamoDBTable, dynamodb_client
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
    endpoint = next((os.environ[each] for each in ENDPOINTS if os.environ.get(each)), "")
    return DynamoDBTable(name, dynamodb_client(endpoint))
