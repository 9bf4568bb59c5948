"""The child executions of a map run with the ends of their histories, for its ResultWriter."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from pipeline.frame import Phase
from pipeline.ledger.schema import frames, history

_PAGE = 500
"""Positions that are read at a time."""


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
    """The children that have begun, in order of position; a page of them is held at a time."""
    for first in itertools.count(0, _PAGE):
        # Positions are given without gaps, so the first page that is empty is the end.
        page = _page(connection, fan_out_id, first)
        if not page:
            return
        yield from page


def _page(connection: Connection, fan_out_id: str, first: int) -> list[ChildExecution]:
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
        .where(
            frames.c.fan_out_id == fan_out_id,
            frames.c.position >= first,
            frames.c.position < first + _PAGE,
        )
        .order_by(frames.c.position, history.c.number)
    )
    children: list[ChildExecution] = []
    for row in connection.execute(statement):
        values = dict(row._mapping)
        events = values.pop("events")
        if not children or children[-1].position != row.position:
            values["phase"] = Phase(values["phase"])
            children.append(ChildExecution(**values, first_events=events))
        children[-1].last_events = events
    return children
