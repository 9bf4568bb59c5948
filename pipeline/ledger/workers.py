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
    """Remove a worker that stops, so that the sweeper releases its remaining claims at once."""
    connection.execute(delete(workers).where(workers.c.id == worker_id))


def forget_silent(connection: Connection, silent_since: float) -> None:
    """Remove the workers without a heartbeat since that time."""
    connection.execute(delete(workers).where(workers.c.heartbeat_at < silent_since))


def sweeping_since(connection: Connection, now: float, longest_gap: float) -> float:
    """Record a sweep, and return since when there was no gap between sweeps (epoch seconds).

    While the ledger is unavailable, no worker can write a heartbeat. A worker's silence means that
    it is lost only if the ledger was available all the time, which regular sweeps prove.

    Args:
        longest_gap: How many seconds between two sweeps count as a gap.
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
    """The time of each worker's latest heartbeat (epoch seconds), by the workers' ids."""
    rows = connection.execute(select(workers.c.id, workers.c.heartbeat_at))
    return {row.id: row.heartbeat_at for row in rows}
