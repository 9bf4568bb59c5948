"""The progress of an execution's fan-outs: one query, cheap enough to repeat while it runs."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select

from pipeline.interpreter.frame import ENDED
from pipeline.ledger.schema import fan_outs, frames


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutProgress:
    """How many children one Parallel or Map state has, and how many of them have ended.

    Attributes:
        state: Its name. A state that is entered several times, by several frames or in a retry,
            counts as one.
        total: None while the items of a Map state are still being read.
    """

    state: str
    ended: int
    total: int | None


def progress_of_execution(connection: Connection, execution_id: str) -> list[FanOutProgress]:
    """The progress of every state that has fanned out, in no particular order."""
    ended = (
        select(frames.c.fan_out_id, func.count().label("count"))
        .where(frames.c.execution_id == execution_id, frames.c.phase.in_(list(ENDED)))
        .group_by(frames.c.fan_out_id)
        .subquery()
    )
    statement = (
        progress_by_state(func.coalesce(ended.c.count, 0))
        .outerjoin_from(fan_outs, ended, ended.c.fan_out_id == fan_outs.c.id)
        .where(fan_outs.c.execution_id == execution_id)
    )
    return [progress_of(row) for row in connection.execute(statement)]


def progress_by_state(ended: ColumnElement[int]) -> Select[Any]:
    """Select the columns of ``progress_of``, grouped by state.

    Args:
        ended: How many children of a fan-out have ended.
    """
    return select(
        fan_outs.c.state,
        func.sum(ended).label("ended"),
        func.sum(fan_outs.c.total).label("total"),
        func.sum(case((fan_outs.c.is_read, 0), else_=1)).label("unread"),
    ).group_by(fan_outs.c.state)


def progress_of(row: Row[Any]) -> FanOutProgress:
    """The value of a row of ``progress_by_state``."""
    total = None if row.unread else int(row.total)
    return FanOutProgress(state=row.state, ended=int(row.ended), total=total)
