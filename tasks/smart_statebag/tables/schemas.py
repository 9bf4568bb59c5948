"""The application's tables: the setting that names each, its key, its indexes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

EXECUTION_ID_INDEX = "ExecutionIdIndex"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """One table.

    Attributes:
        setting: Environment variable with the table's name.
        key: The attributes of the primary key, the partition key first.
        indexes: The key attributes of each secondary index.
    """

    setting: str
    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TASK_TOKENS = TableSchema(
    setting="TASK_TOKEN_TABLE",
    key=("ownerId", "pause_id"),
    indexes={EXECUTION_ID_INDEX: ("ownerId", "execution_id")},
)
"""Pauses and their task tokens (Contract 7.1)."""

IDEMPOTENCY = TableSchema(setting="IDEMPOTENCY_TABLE", key=("idempotency_key",))
"""Which execution holds an idempotency key (Contract 9.2)."""

WORKFLOWS = TableSchema(setting="WORKFLOWS_TABLE", key=("ownerId", "workflowId"))
"""Stored workflow configurations and their maps (Contract 6.1)."""

SCHEMAS = (IDEMPOTENCY, TASK_TOKENS, WORKFLOWS)
