"""The tables of the application: DynamoDB's, or a local SQLite file (Contract 7.1, 9.2)."""

from tasks.tables.conditions import AnyOf, Before, Condition, Equals, RowAbsent
from tasks.tables.schemas import IDEMPOTENCY, TASK_TOKENS, WORKFLOWS, TableSchema
from tasks.tables.selection import open_table
from tasks.tables.table import ConditionNotMet, Query, Row, Table

__all__ = [
    "IDEMPOTENCY",
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
