"""The interface of a table, as DynamoDB and the ledger's tables implement it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.tables.conditions import Condition

Row: TypeAlias = JsonObject


class ConditionNotMet(Exception):
    """A conditional write was rejected; the row is unchanged."""

    def __init__(self, table: str, key: Mapping[str, Json]) -> None:
        super().__init__(table, key)
        self.table = table
        self.key = key

    def __str__(self) -> str:
        return f"The row {dict(self.key)} of {self.table} does not meet the condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Rows of one partition.

    Attributes:
        equal: Values of key attributes, that of the partition key among them.
        begins_with: What the sort key begins with, by its name.
        index: The secondary index whose key this is, None for the table's own.
    """

    equal: Mapping[str, str]
    begins_with: Mapping[str, str] = field(default_factory=dict)
    index: str | None = None


class Table(Protocol):
    """One table. Every method may raise ``StorageUnavailable``."""

    def get(self, key: Mapping[str, str]) -> Row | None:
        """The row with a primary key, read consistently."""
        ...

    def put(self, row: Row, *, only_if: Condition | None = None) -> None:
        """Write a row in place of the one with its key.

        Raises:
            ConditionNotMet: The present row does not meet the condition.
        """
        ...

    def update(self, key: Mapping[str, str], values: Row, *, only_if: Condition) -> None:
        """Set some attributes of a row, leave the others.

        Raises:
            ConditionNotMet: The present row does not meet the condition.
        """
        ...

    def query(self, query: Query) -> list[Row]:
        """The rows of a partition that a query finds, in no particular order."""
        ...
