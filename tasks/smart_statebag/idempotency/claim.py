"""Claiming an idempotency key for an execution that begins (Contract 9.2)."""

from tasks.smart_statebag.bag.clock import Clock, SystemClock, iso_utc
from tasks.smart_statebag.bag.errors import DuplicateExecution
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.callbacks.storing import required_text
from tasks.smart_statebag.idempotency.words import FAILED, RUNNING
from tasks.smart_statebag.tables import (
    IDEMPOTENCY,
    AnyOf,
    Before,
    ConditionNotMet,
    Equals,
    RowAbsent,
    Table,
    open_table,
)

CLAIM_SECONDS = 8 * 24 * 3600
"""One day longer than an execution may take."""


def claim_execution(
    bag: JsonObject, *, table: Table | None = None, clock: Clock | None = None
) -> None:
    """Write the row of a bag's execution.

    It replaces a row that has expired, whose execution failed, or that is the execution's own, so
    that a repeated call succeeds.

    Raises:
        DuplicateExecution: Another execution holds the key.
        StorageUnavailable: The table does not answer.
    """
    now = (clock or SystemClock()).now()
    table = table or open_table(IDEMPOTENCY)
    key = required_text(bag, "idempotency_key")
    execution_arn = required_text(bag, "execution_id")
    row: JsonObject = {
        "idempotency_key": key,
        "executionArn": execution_arn,
        "status": RUNNING,
        "ownerId": bag.get("ownerId"),
        "workflowId": bag.get("workflowId"),
        "created_at": iso_utc(now),
        "ttl": int(now) + CLAIM_SECONDS,
    }
    free = AnyOf(
        conditions=(
            RowAbsent(key_field="idempotency_key"),
            Before(field="ttl", value=int(now)),
            Equals(field="status", value=FAILED),
            Equals(field="executionArn", value=execution_arn),
        )
    )
    try:
        table.put(row, only_if=free)
    except ConditionNotMet as not_met:
        holder = table.get({"idempotency_key": key}) or {}
        raise DuplicateExecution(key, str(holder.get("executionArn"))) from not_met
