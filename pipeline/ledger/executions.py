"""Executions and the definitions they run."""

import hashlib

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, values_of
from pipeline.ledger.schema import definitions, executions


def put_definition(connection: Connection, document: str) -> str:
    """Store a definition's text once, and return its id, the SHA-256 of the text."""
    definition_id = hashlib.sha256(document.encode()).hexdigest()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(definitions).values(id=definition_id, document=document)
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
    connection.execute(insert(executions).values(**values_of(row)))


def find_execution(connection: Connection, execution_id: str) -> ExecutionRow | None:
    """The execution with this id."""
    return _row(
        connection.execute(select(executions).where(executions.c.id == execution_id)).one_or_none()
    )


def find_execution_by_arn(connection: Connection, arn: str) -> ExecutionRow | None:
    """The execution with this ARN."""
    return _row(connection.execute(select(executions).where(executions.c.arn == arn)).one_or_none())


def latest_execution_named(connection: Connection, name: str) -> ExecutionRow | None:
    """The latest execution with this name, of whichever state machine."""
    statement = (
        select(executions)
        .where(executions.c.name == name)
        .order_by(executions.c.started_at.desc())
        .limit(1)
    )
    return _row(connection.execute(statement).one_or_none())


def recent_executions(connection: Connection, limit: int) -> list[ExecutionRow]:
    """The executions started last, newest first."""
    statement = select(executions).order_by(executions.c.started_at.desc()).limit(limit)
    return [_execution(row) for row in connection.execute(statement)]


def end_execution(
    connection: Connection,
    execution_id: str,
    *,
    status: ExecutionStatus,
    stopped_at: float,
    output: bytes | None = None,
    error: str | None = None,
    cause: str | None = None,
) -> bool:
    """End a running execution; False if it had ended already."""
    statement = (
        update(executions)
        .where(executions.c.id == execution_id, executions.c.status == ExecutionStatus.RUNNING)
        .values(status=status, stopped_at=stopped_at, output=output, error=error, cause=cause)
    )
    return connection.execute(statement).rowcount == 1


def overdue_executions(connection: Connection, now: float) -> list[ExecutionRow]:
    """Running executions whose machine's TimeoutSeconds has passed."""
    statement = select(executions).where(
        executions.c.status == ExecutionStatus.RUNNING, executions.c.deadline_at <= now
    )
    return [_execution(row) for row in connection.execute(statement)]


def _row(row: Row[tuple[object, ...]] | None) -> ExecutionRow | None:
    return None if row is None else _execution(row)


def _execution(row: Row[tuple[object, ...]]) -> ExecutionRow:
    values = dict(row._mapping)
    values["status"] = ExecutionStatus(values["status"])
    return ExecutionRow(**values)
