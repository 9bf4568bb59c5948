"""How far the histories of executions have been delivered to their log groups.

A logged history has a row here from its first event until its last one is delivered. Everything
appended to the history since is still to be delivered, so a logged transition costs no more than
any other.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    Integer,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from pipeline.ledger.history import length_of
from pipeline.ledger.rows import ExecutionStatus
from pipeline.ledger.schema import executions, history, metadata

log_deliveries = Table(
    "log_deliveries",
    metadata,
    Column("history_id", Text, primary_key=True),
    Column("execution_id", Text, nullable=False),
    Column("delivered", Integer, nullable=False, comment="events, from the first one on"),
    Column("seen", BigInteger, nullable=False, comment="number of the last batch among them"),
    Column("leased_until", Double, nullable=False, comment="no other process delivers before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDelivery:
    """The delivery of one history; ``leased_until`` is in epoch seconds."""

    history_id: str
    execution_id: str
    delivered: int
    seen: int
    leased_until: float


def begin(connection: Connection, history_id: str, execution_id: str) -> None:
    """Begin the delivery of a history, from the next batch on."""
    is_known = select(log_deliveries.c.history_id).where(log_deliveries.c.history_id == history_id)
    if connection.execute(is_known).first() is not None:
        return  # of a redriven execution whose end is not delivered yet
    last = select(func.max(history.c.number)).where(history.c.history_id == history_id)
    connection.execute(
        insert(log_deliveries).values(
            history_id=history_id,
            execution_id=execution_id,
            delivered=length_of(connection, history_id),
            seen=connection.scalar(last) or 0,
            leased_until=0.0,
        )
    )


def waiting(connection: Connection, now: float, limit: int) -> list[LogDelivery]:
    """Deliveries with undelivered events and without a lease."""
    statement = (
        select(log_deliveries).where(_has_more(), log_deliveries.c.leased_until <= now).limit(limit)
    )
    return [LogDelivery(**row._mapping) for row in connection.execute(statement)]


def lease(connection: Connection, delivery: LogDelivery, until: float) -> bool:
    """Lease a delivery until a time. Returns False if another process was first."""
    statement = (
        update(log_deliveries)
        .where(
            log_deliveries.c.history_id == delivery.history_id,
            log_deliveries.c.delivered == delivery.delivered,
            log_deliveries.c.leased_until == delivery.leased_until,
        )
        .values(leased_until=until)
    )
    return connection.execute(statement).rowcount == 1


def settle(
    connection: Connection, delivery: LogDelivery, *, until: float, delivered: int, seen: int
) -> None:
    """Record what was delivered under a lease, and end the lease.

    Args:
        connection: To the ledger.
        delivery: As it was before the lease.
        until: Epoch seconds before which no process delivers more.
        delivered, seen: How far it has come.
    """
    connection.execute(
        update(log_deliveries)
        .where(
            log_deliveries.c.history_id == delivery.history_id,
            log_deliveries.c.delivered == delivery.delivered,
        )
        .values(leased_until=until, delivered=delivered, seen=seen)
    )


def last_batch(connection: Connection, history_id: str) -> int:
    """The number of a history's last batch so far."""
    statement = select(func.max(history.c.number)).where(history.c.history_id == history_id)
    return connection.scalar(statement) or 0


def forget_delivered(connection: Connection) -> None:
    """Delete the finished deliveries of executions that have ended."""
    running = exists().where(
        executions.c.id == log_deliveries.c.execution_id,
        executions.c.status == ExecutionStatus.RUNNING,
    )
    connection.execute(delete(log_deliveries).where(~running, ~_has_more()))


def _has_more() -> ColumnElement[bool]:
    return exists().where(
        history.c.history_id == log_deliveries.c.history_id,
        history.c.number > log_deliveries.c.seen,
    )
