"""Whether an execution may be redriven, and if not, why (API reference: "DescribeExecution")."""

from pipeline.engine.engine import Engine
from pipeline.ledger.history import length_of
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.ledger.state_machines import MachineStatus, find_machine

REDRIVABLE_SECONDS = 14 * 86400.0
"""How long after its end an execution may be redriven."""

MAX_SECONDS = 365 * 86400.0
"""How long after its start."""

MAX_EVENTS = 24_999
"""An execution with as many events has no room for those of a redrive."""


TOO_LONG = "Execution history event limit exceeded"
"""Why such an execution cannot be redriven."""


def is_too_long(engine: Engine, history_id: str) -> bool:
    """Whether the history of a (child) execution has no room for a redrive."""
    with engine.database.reading() as connection:
        return length_of(connection, history_id) >= MAX_EVENTS


def why_not(engine: Engine, row: ExecutionRow) -> str | None:
    """What keeps an execution from being redriven, in AWS's words; None if nothing does."""
    if row.status in {ExecutionStatus.RUNNING, ExecutionStatus.SUCCEEDED}:
        return f"Execution is {row.status} and cannot be redriven"
    now = engine.clock()
    if row.stopped_at is not None and now - row.stopped_at > REDRIVABLE_SECONDS:
        return "Execution redrivable period exceeded"
    if now - row.started_at > MAX_SECONDS:
        return "Execution has exceeded the max execution time"
    with engine.database.reading() as connection:
        machine = find_machine(connection, row.machine_arn)
    if machine is not None and machine.status is MachineStatus.DELETING:
        return "State machine is in DELETING status"
    return TOO_LONG if is_too_long(engine, row.id) else None
