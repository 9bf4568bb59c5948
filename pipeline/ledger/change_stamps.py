"""Stamps that differ as soon as a page would show something new, from a few index look-ups."""

from sqlalchemy import Connection, func, select, text

from pipeline.ledger.schema import OPEN, executions, fan_outs, history, listed_at

Stamp = tuple[object, ...]


def stamp_of_execution(connection: Connection, execution_id: str, history_id: str) -> Stamp:
    """The stamp of an execution, or of a child execution that has a history of its own."""
    latest = connection.scalar(
        select(func.max(history.c.number)).where(history.c.history_id == history_id)
    )
    status = connection.scalar(select(executions.c.status).where(executions.c.id == execution_id))
    children = connection.execute(
        select(func.sum(fan_outs.c.taken), func.sum(fan_outs.c.failures)).where(
            fan_outs.c.execution_id == execution_id
        )
    ).one()
    return latest, status, *children


def stamp_of_map_run(connection: Connection, arn: str) -> Stamp:
    """The stamp of a map run."""
    own = fan_outs.c
    statement = select(own.taken, own.failures, own.status, own.total).where(own.arn == arn)
    return tuple(connection.execute(statement).one_or_none() or ())


def stamp_of_machines(connection: Connection, machine_arns: list[str]) -> Stamp:
    """The stamp of the executions of some state machines."""
    of_these = executions.c.machine_arn.in_(machine_arns)
    running = connection.scalar(select(func.count()).where(of_these, text(OPEN)))
    latest = [
        connection.scalar(select(func.max(listed_at)).where(executions.c.machine_arn == arn))
        for arn in machine_arns
    ]
    return running, *latest
