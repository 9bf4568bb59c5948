"""Executions and the definitions they run."""

import hashlib

from sqlalchemy import (
    Connection,
    Double,
    Row,
    bindparam,
    case,
    cast,
    delete,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from pipeline.ledger.log_deliveries import log_deliveries
from pipeline.ledger.nested_schema import execution_waiters
from pipeline.ledger.rows import ExecutionEnd, ExecutionRow, ExecutionStatus, values_of
from pipeline.ledger.schema import (
    WITH_DEADLINE,
    definitions,
    executions,
    fan_outs,
    frames,
    history,
    item_pages,
    listed_at,
    outbox,
    redrives,
)
from pipeline.ledger.upserts import insert_into

# The statements that every start needs are built once: building one costs more than its round trip.
_INSERT = insert(executions)
_FIND = select(executions).where(executions.c.id == bindparam("execution_id"))
_FIND_BY_ARN = select(executions).where(executions.c.arn == bindparam("execution_arn"))


def put_definition(connection: Connection, document: str) -> str:
    """Store a definition's text once, and return its id, the SHA-256 of the text."""
    definition_id = hashlib.sha256(document.encode()).hexdigest()
    statement = insert_into(connection, definitions).values(id=definition_id, document=document)
    connection.execute(statement.on_conflict_do_nothing())
    return definition_id


def find_definition(connection: Connection, definition_id: str) -> str | None:
    """The text of a definition."""
    return connection.scalar(
        select(definitions.c.document).where(definitions.c.id == definition_id)
    )


def insert_execution(connection: Connection, row: ExecutionRow) -> None:
    """Write a new execution.

    Raises:
        sqlalchemy.exc.IntegrityError: An execution with this ARN exists.
    """
    connection.execute(_INSERT, values_of(row))


def find_execution(connection: Connection, execution_id: str) -> ExecutionRow | None:
    """The execution with this id."""
    return _row(connection.execute(_FIND, {"execution_id": execution_id}).one_or_none())


def find_execution_by_arn(connection: Connection, arn: str) -> ExecutionRow | None:
    """The execution with this ARN."""
    return _row(connection.execute(_FIND_BY_ARN, {"execution_arn": arn}).one_or_none())


def executions_of(
    connection: Connection,
    *,
    machine_arn: str,
    version_arn: str | None = None,
    alias_arn: str | None = None,
    status: str | None = None,
    before: tuple[float, str] | None = None,
    limit: int,
) -> list[ExecutionRow]:
    """The executions of a state machine by ``ExecutionRow.listed_at``, newest first.

    Args:
        connection: To the ledger.
        machine_arn: ARN of the state machine.
        version_arn, alias_arn: Only those of this version, or started by this alias; None for all.
        status: Only those with this status; None for all.
        before: ``listed_at`` and id of the one before the first, or None.
        limit: How many at most.
    """
    statement = select(executions).where(executions.c.machine_arn == machine_arn)
    filters = {
        executions.c.version_arn: version_arn,
        executions.c.alias_arn: alias_arn,
        executions.c.status: status,
    }
    for column, value in filters.items():
        if value is not None:
            statement = statement.where(column == value)
    if before is not None:
        # The first condition is redundant, but lets SQLite use the index.
        statement = statement.where(
            listed_at <= before[0], tuple_(listed_at, executions.c.id) < before
        )
    newest_first = statement.order_by(listed_at.desc(), executions.c.id.desc())
    return [execution_of(row) for row in connection.execute(newest_first.limit(limit))]


_HAS_WAITERS = (
    select(execution_waiters.c.frame_id)
    .where(execution_waiters.c.execution_id == executions.c.id)
    .correlate(executions)
    .exists()
)


def end_execution(connection: Connection, execution_id: str, end: ExecutionEnd) -> bool:
    """End a running execution. Returns False if it had already ended."""
    statement = (
        update(executions)
        .where(executions.c.id == execution_id, executions.c.status == ExecutionStatus.RUNNING)
        .values(
            status=end.status,
            stopped_at=end.stopped_at,
            output=end.output,
            error=end.error,
            cause=end.cause,
            # Without the cast, PostgreSQL infers the type text for a NULL.
            look_at=case((or_(executions.c.is_awaited, _HAS_WAITERS), cast(end.look_at, Double))),
        )
    )
    return connection.execute(statement).rowcount == 1


def forget_ended(connection: Connection, execution_id: str, before: float) -> bool:
    """Delete an execution and all its rows, if it ended before a time (epoch seconds)."""
    ended = delete(executions).where(
        executions.c.id == execution_id, executions.c.stopped_at < before
    )
    if connection.execute(ended).rowcount == 0:
        return False
    of_it = select(fan_outs.c.id).where(fan_outs.c.execution_id == execution_id)
    connection.execute(delete(item_pages).where(item_pages.c.fan_out_id.in_(of_it)))
    connection.execute(delete(fan_outs).where(fan_outs.c.execution_id == execution_id))
    histories = select(frames.c.history_id).where(frames.c.execution_id == execution_id)
    connection.execute(delete(history).where(history.c.history_id.in_(histories)))
    for table in (frames, redrives, outbox, log_deliveries, execution_waiters):
        connection.execute(delete(table).where(table.c.execution_id == execution_id))
    return True


def overdue_executions(connection: Connection, now: float) -> list[ExecutionRow]:
    """Running executions whose machine's TimeoutSeconds has passed."""
    statement = select(executions).where(text(WITH_DEADLINE), executions.c.deadline_at <= now)
    return [execution_of(row) for row in connection.execute(statement)]


def _row(row: Row[tuple[object, ...]] | None) -> ExecutionRow | None:
    return None if row is None else execution_of(row)


def execution_of(row: Row[tuple[object, ...]]) -> ExecutionRow:
    """The value of a row that holds all columns."""
    values = dict(row._mapping)
    values["status"] = ExecutionStatus(values["status"])
    return ExecutionRow(**values)
