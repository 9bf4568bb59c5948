"""The tables of the application: DynamoDB's, or a host's that answer alike (Contract 7.1, 9.2)."""

from tasks.smart_statebag.tables.conditions import AnyOf, Before, Condition, Equals, RowAbsent
from tasks.smart_statebag.tables.schemas import (
    IDEMPOTENCY,
    SCHEMAS,
    TASK_TOKENS,
    WORKFLOWS,
    TableSchema,
)
from tasks.smart_statebag.tables.selection import open_table
from tasks.smart_statebag.tables.table import ConditionNotMet, Query, Row, Table

__all__ = [
    "IDEMPOTENCY",
    "SCHEMAS",
    "TASK_TOKENS",
    "WORKFLOWS",
    "AnyOf",
    "Before",
    "Condition",
    "ConditionNotMet",
    "Equals",
    "Query",
    "Row",
    "RowAbsent",
    "Table",
    "TableSchema",
    "open_table",
]
