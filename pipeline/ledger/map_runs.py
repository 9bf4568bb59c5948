"""Map runs in the ledger: the fan-outs of distributed Map states, as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select, text, tuple_, update

from pipeline.interpreter.frame import UNSUCCESSFUL, Phase
from pipeline.ledger.fan_outs import fan_out_of
from pipeline.ledger.rows import FanOutRow
from pipeline.ledger.schema import WAITING, fan_outs, frames, history


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """How many children of a map run are in one phase, and how many items they hold together."""

    executions: int
    items: int


def find_map_run(connection: Connection, arn: str, *, locked: bool = False) -> FanOutRow | None:
    """The map run with this ARN; ``locked`` keeps other transactions from changing it."""
    statement = select(fan_outs).where(fan_outs.c.arn == arn)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    return None if row is None else fan_out_of(row)


def map_runs_of(
    connection: Connection,
    execution_id: str,
    history_id: str,
    *,
    after: Sequence[float | str] | None,
    limit: int,
) -> list[FanOutRow]:
    """The map runs that an execution has started, newest first.

    Args:
        execution_id: Id of the outermost execution.
        history_id: The same id; for a child execution the id of its frame.
        after: Negative start time and ARN of the map run before the first one, or None.
        limit: How many at most.
    """
    order = (-fan_outs.c.started_at, fan_outs.c.arn)
    statement = select(fan_outs).where(
        fan_outs.c.execution_id == execution_id,
        fan_outs.c.history_id == history_id,
        fan_outs.c.arn.is_not(None),
    )
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return [fan_out_of(row) for row in connection.execute(statement.order_by(*order).limit(limit))]


def count_children(connection: Connection, fan_out_id: str) -> dict[Phase | None, Children]:
    """The children of a map run that have begun, by phase.

    Those that wait for a redrive to begin them again, which have no lane, are counted under None.
    """
    phase = case((text(WAITING), None), else_=frames.c.phase)
    statement = (
        select(phase, func.count(), func.sum(frames.c.item_count))
        .where(frames.c.fan_out_id == fan_out_id)
        .group_by(phase)
    )
    return {
        None if phase is None else Phase(phase): Children(executions=executions, items=int(items))
        for phase, executions, items in connection.execute(statement)
    }


def count_too_long(connection: Connection, fan_out_id: str, length: int) -> Children:
    """The children of a map run that did not succeed and whose histories have so many events."""
    events = select(func.sum(history.c.length)).where(history.c.history_id == frames.c.id)
    statement = select(func.count(), func.coalesce(func.sum(frames.c.item_count), 0)).where(
        frames.c.fan_out_id == fan_out_id,
        frames.c.phase.in_(UNSUCCESSFUL),
        events.scalar_subquery() >= length,
    )
    executions, items = connection.execute(statement).one()
    return Children(executions=executions, items=int(items))


def change_limits(connection: Connection, row: FanOutRow) -> None:
    """Update the concurrency and the tolerated failures of a map run."""
    connection.execute(
        update(fan_outs)
        .where(fan_outs.c.id == row.id)
        .values(
            max_concurrency=row.max_concurrency,
            width=row.width,
            tolerated_count=row.tolerated_count,
            tolerated_percentage=row.tolerated_percentage,
        )
    )
