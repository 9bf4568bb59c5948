"""Workers that hold claims, and the heartbeats that keep them."""

from sqlalchemy import Connection, case, delete, select

from pipeline.ledger.schema import sweeps, workers
from pipeline.ledger.upserts import insert_into


def beat(connection: Connection, worker_id: str, now: float) -> None:
    """Record that a worker is alive."""
    statement = insert_into(connection, workers).values(id=worker_id, heartbeat_at=now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"heartbeat_at": now})
    )


def forget(connection: Connection, worker_id: str) -> None:
    """Remove a worker that ends in order; claims it still holds become orphans at once."""
    connection.execute(delete(workers).where(workers.c.id == worker_id))


def forget_silent(connection: Connection, silent_since: float) -> None:
    """Remove the workers that have been silent for long."""
    connection.execute(delete(workers).where(workers.c.heartbeat_at < silent_since))


def sweeping_since(connection: Connection, now: float, longest_gap: float) -> float:
    """Record a sweep, and say since when sweeps have come without a gap.

    While the ledger is away no worker can beat. Its silence means something only after the ledger
    has been there for a while, and sweeps are how one knows.

    Args:
        longest_gap: Seconds between two sweeps from which on they count as interrupted.
    """
    unbroken = case((sweeps.c.last >= now - longest_gap, sweeps.c.since), else_=now)
    statement = (
        insert_into(connection, sweeps)
        .values(id=1, since=now, last=now)
        .on_conflict_do_update(index_elements=["id"], set_={"since": unbroken, "last": now})
        .returning(sweeps.c.since)
    )
    since: float = connection.scalars(statement).one()
    return since


def heartbeats(connection: Connection) -> dict[str, float]:
    """When each worker has shown last that it is alive (epoch seconds), by the workers' ids."""
    rows = connection.execute(select(workers.c.id, workers.c.heartbeat_at))
    return {row.id: row.heartbeat_at for row in rows}
