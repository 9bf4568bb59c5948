"""Workers that hold claims, and the heartbeats that keep them."""

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.ledger.schema import workers


def beat(connection: Connection, worker_id: str, now: float) -> None:
    """Record that a worker is alive."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(workers).values(id=worker_id, heartbeat_at=now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"heartbeat_at": now})
    )


def forget(connection: Connection, worker_id: str) -> None:
    """Remove a worker that ends in order; claims it still holds become orphans at once."""
    connection.execute(delete(workers).where(workers.c.id == worker_id))


def forget_silent(connection: Connection, silent_since: float) -> None:
    """Remove the workers that have been silent for long."""
    connection.execute(delete(workers).where(workers.c.heartbeat_at < silent_since))
