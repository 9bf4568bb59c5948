"""The child executions of a map run with the ends of their histories, for its ResultWriter."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from pipeline.frame import Phase
from pipeline.ledger.schema import frames, history


@dataclass(slots=True, kw_only=True)
class ChildExecution:
    """A child of a map run.

    Attributes:
        first_events, last_events: Encoded first and last batch of its history; None before it has
            any.
    """

    frame_id: str
    position: int
    phase: Phase
    output: bytes | None
    error: str | None
    cause: str | None
    first_events: bytes | None = None
    last_events: bytes | None = None


def child_executions(connection: Connection, fan_out_id: str) -> Iterator[ChildExecution]:
    """The children that have begun, in order of position; one is held at a time."""
    statement = (
        select(
            frames.c.id.label("frame_id"),
            frames.c.position,
            frames.c.phase,
            frames.c.output,
            frames.c.error,
            frames.c.cause,
            history.c.events,
        )
        .outerjoin_from(
            frames,
            history,
            # Only its own batches, not those of the branches and iterations inside it.
            and_(history.c.history_id == frames.c.id, history.c.frame_id == frames.c.id),
        )
        .where(frames.c.fan_out_id == fan_out_id)
        .order_by(frames.c.position, history.c.number)
        .execution_options(yield_per=500)
    )
    child: ChildExecution | None = None
    for row in connection.execute(statement):
        values = dict(row._mapping)
        events = values.pop("events")
        if child is None or child.position != row.position:
            if child is not None:
                yield child
            values["phase"] = Phase(values["phase"])
            child = ChildExecution(**values, first_events=events)
        child.last_events = events
    if child is not None:
        yield child
