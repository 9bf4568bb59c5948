"""The outbox: status changes of executions that are still to be published."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from pipeline.ledger.schema import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """An execution that has come to a status, at a time in epoch seconds."""

    number: int
    execution_id: str
    status: str
    created_at: float


def append(connection: Connection, execution_id: str, status: str, now: float) -> None:
    """Note a status change, in the transaction that makes it."""
    values = {"execution_id": execution_id, "status": status, "created_at": now}
    connection.execute(insert(outbox).values(**values))


def changes_of(connection: Connection, execution_id: str) -> list[StatusChange]:
    """What is still to be published of one execution, in order."""
    statement = select(outbox).where(outbox.c.execution_id == execution_id)
    rows = connection.execute(statement.order_by(outbox.c.number))
    return [StatusChange(**row._mapping) for row in rows]


def executions_waiting(connection: Connection, since: float, limit: int) -> list[str]:
    """Executions with a status change that nobody has published since that time."""
    statement = select(outbox.c.execution_id).where(outbox.c.created_at <= since)
    return list(connection.scalars(statement.distinct().limit(limit)))


def remove(connection: Connection, number: int) -> None:
    """Forget a status change that has been published."""
    connection.execute(delete(outbox).where(outbox.c.number == number))
