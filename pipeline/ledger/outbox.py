"""The outbox of status events: changes of executions' status that are not yet published."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipeline.ledger.schema import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """An execution's new status, and the time of the change in epoch seconds."""

    number: int
    execution_id: str
    status: str
    created_at: float


def append(connection: Connection, execution_id: str, status: str, now: float) -> None:
    """Record a status change, in the transaction that makes it."""
    values = {"execution_id": execution_id, "status": status, "created_at": now}
    connection.execute(insert(outbox).values(**values))


def changes_of(connection: Connection, execution_id: str) -> list[StatusChange]:
    """The unpublished changes of one execution, in order."""
    statement = select(outbox).where(outbox.c.execution_id == execution_id)
    rows = connection.execute(statement.order_by(outbox.c.number))
    return [StatusChange(**row._mapping) for row in rows]


def executions_waiting(connection: Connection, since: float, limit: int) -> list[str]:
    """Executions with a status change that has been unpublished since that time."""
    statement = select(outbox.c.execution_id).where(outbox.c.created_at <= since)
    return list(connection.scalars(statement.distinct().limit(limit)))


def remove(connection: Connection, number: int) -> None:
    """Delete a published status change."""
    connection.execute(delete(outbox).where(outbox.c.number == number))
