"""Nested executions that the sweeper looks at: it stops them, or wakes their callers again."""

from functools import partial

from pipeline.engine.engine import Engine
from pipeline.executions.lifecycle import stop_execution
from pipeline.executions.sweeping import one_by_one
from pipeline.executor.after_commit import wake_callers
from pipeline.ledger import nested_executions
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus

BATCH = 500
"""Executions that one sweep looks at, at most."""


def look_after_nested(engine: Engine) -> None:
    """Stop the executions whose callers wait no more, and wake callers that still wait."""
    with engine.database.reading() as connection:
        due = nested_executions.to_look_at(connection, engine.clock(), BATCH)
    one_by_one(due, partial(_look_after, engine))


def _look_after(engine: Engine, row: ExecutionRow) -> None:
    if row.status is ExecutionStatus.RUNNING:
        # Its own end sets the time of the next look.
        stop_execution(engine, row.arn)
        return
    next_look = engine.redelivery_at() if wake_callers(engine, row) else None
    with engine.database.statement() as connection:
        nested_executions.look_again(connection, row, next_look)
