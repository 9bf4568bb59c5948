"""How many executions are open, counted in the index of those that run."""

from sqlalchemy import Connection, func, select, text

from pipeline.ledger.schema import OPEN, executions


def count_open(connection: Connection, account_id: str, region: str) -> int:
    """How many executions of an account in a region are open."""
    machines = f"arn:aws:states:{region}:{account_id}:"
    statement = select(func.count()).where(
        text(OPEN), executions.c.machine_arn.startswith(machines, autoescape=True)
    )
    return connection.scalar(statement) or 0
