"""Recording the end of an execution (Contract 9.2)."""

import os
from dataclasses import dataclass

from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.failures import brief
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.idempotency.words import SUCCEEDED, WRITTEN_FOR
from tasks.smart_statebag.tables import IDEMPOTENCY, ConditionNotMet, Equals, Table, open_table

TTL_VARIABLE = "EXECUTION_TTL_HOURS"
TTL_HOURS = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of an execution; ``status`` is a terminal one of Step Functions."""

    execution_arn: str
    status: str
    stop_date: Json
    output_path: str | None
    error: Json
    cause: Json


def finish_execution(
    key: str, ending: Ending, *, table: Table | None = None, clock: Clock | None = None
) -> bool:
    """Write the end into the execution's own row.

    Returns:
        False if there is no row, or it belongs to another execution.

    Raises:
        StorageUnavailable: The table does not answer.
    """
    table = table or open_table(IDEMPOTENCY)
    values = _values(ending, (clock or SystemClock()).now())
    own = Equals(field="executionArn", value=ending.execution_arn)
    try:
        table.update({"idempotency_key": key}, values, only_if=own)
    except ConditionNotMet:
        return False
    return True


def _values(ending: Ending, now: float) -> JsonObject:
    hours = float(os.environ.get(TTL_VARIABLE) or TTL_HOURS)
    status = WRITTEN_FOR[ending.status]
    values: JsonObject = {
        "status": status,
        "stopDate": ending.stop_date,
        "ttl": int(now + hours * 3600),
    }
    if status == SUCCEEDED:
        return {**values, "output_s3_path": ending.output_path}
    error = brief({"Error": ending.error, "Cause": ending.cause}, default=ending.status)
    return {**values, "error": error}
