"""The history of an execution, read from its batches and numbered.

The events come in AWS's shape (API reference: "GetExecutionHistory"), as boto3 returns them, but
with the timestamp as epoch seconds. An event has the same number whenever it is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.engine.engine import Engine
from pipeline.executions.history_shapes import details_shape
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import ASSIGNED_VARIABLES, DOCUMENT_FIELDS, HistoryEvent
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.ledger.history import batches_of, events_of, outlines_of, read_settled

_START = 1
"""Id of ExecutionStarted. AWS has the event after it follow none, too."""

_EXECUTION_DATA = DOCUMENT_FIELDS | {ASSIGNED_VARIABLES}
"""Details that ``includeExecutionData`` is about."""


class Batch(Protocol):
    """Events of one frame that follow each other.

    Attributes:
        parent_id: The frame whose fan-out ``frame_id`` belongs to, or None.
        ends: Whether these are the frame's last events.
    """

    @property
    def frame_id(self) -> str:
        """The frame."""

    @property
    def parent_id(self) -> str | None:
        """The frame that has begun it."""

    @property
    def ends(self) -> bool:
        """Whether nothing comes after them."""


def execution_history(engine: Engine, history_id: str) -> Iterator[JsonObject]:
    """The events of one execution so far, numbered from 1 in the order of their commits.

    Args:
        engine: Whose ledger holds them.
        history_id: Id of the execution, or of an iteration of a distributed Map, which is an
            execution of its own in the history.

    Raises:
        ObjectStoreError: An input or output that lies in the object store cannot be read.
    """
    numbering = Numbering()
    batches = read_settled(
        engine.database,
        history_id,
        lambda connection: [batch for _, batch in batches_of(connection, history_id)],
    )
    for batch in batches:
        events = decode_events(batch.events, engine.payloads.unpack)
        first, previous = numbering.place(batch, len(events))
        for offset, event in enumerate(events):
            yield shaped(event, first + offset, first + offset - 1 if offset else previous)


def history_page(
    engine: Engine,
    history_id: str,
    *,
    limit: int,
    beyond: int | None = None,
    reverse: bool = False,
    with_data: bool = True,
) -> list[JsonObject]:
    """Some events of one execution so far; only these are read with all that they tell.

    Args:
        engine: Whose ledger holds them.
        history_id: As for ``execution_history``.
        limit: How many at most.
        beyond: Number of the event that these come after in the order that is asked for, or None.
        reverse: Latest first.
        with_data: Whether inputs and outputs are included.

    Raises:
        ObjectStoreError: An input or output that lies in the object store cannot be read.
    """
    outlines = read_settled(
        engine.database, history_id, lambda connection: outlines_of(connection, history_id)
    )
    numbering = Numbering()
    placed = [(outline, *numbering.place(outline, outline.length)) for outline in outlines]
    wanted = _wanted(numbering.count, limit, beyond, reverse=reverse)
    overlapping = [
        (outline.number, first, previous)
        for outline, first, previous in placed
        if first < wanted.stop and wanted.start < first + outline.length
    ]
    with engine.database.reading() as connection:
        packed = events_of(connection, [number for number, _, _ in overlapping])
    unpack = engine.payloads.unpack if with_data else _leave_out
    page = [
        shaped(event, number, number - 1 if number > first else previous, with_data=with_data)
        for row_number, first, previous in overlapping
        for number, event in enumerate(decode_events(packed[row_number], unpack), first)
        if number in wanted
    ]
    return page[::-1] if reverse else page


def _wanted(count: int, limit: int, beyond: int | None, *, reverse: bool) -> range:
    """The numbers of the events on a page."""
    if reverse:
        last = count if beyond is None else beyond - 1
        return range(max(last - limit + 1, 1), last + 1)
    first = (beyond or 0) + 1
    return range(first, min(first + limit, count + 1))


def _leave_out(_: bytes) -> None:
    return None


@dataclass(slots=True)
class Numbering:
    """Gives each event its id and the id of the event that led to it.

    Attributes:
        count: Events numbered so far.
        last: Id of the last event of each frame.
        joined: For a frame whose children have ended, the last event of the one that ended last;
            it leads to the frame's next event.
    """

    count: int = 0
    last: dict[str, int] = field(default_factory=dict)
    joined: dict[str, int] = field(default_factory=dict)

    def place(self, batch: Batch, length: int) -> tuple[int, int]:
        """The id of the next batch's first event, and that of the event that led to it.

        Each further event of the batch follows the one before it.
        """
        first, previous = self.count + 1, self._previous(batch)
        self.count += length
        self.last[batch.frame_id] = self.count
        # A child execution has a history of its own, where its parent is not found, and may be
        # redriven after its end.
        if batch.ends and batch.parent_id in self.last:
            self.joined[batch.parent_id] = self.last.pop(batch.frame_id)
        return first, previous

    def _previous(self, batch: Batch) -> int:
        frame_id = batch.frame_id
        if frame_id in self.joined:
            return self.joined.pop(frame_id)
        if frame_id in self.last:
            return self.last[frame_id]
        # The first event of a child follows the event that started its parent's fan-out, and the
        # first of a history follows none; the parent of a child execution is in another history.
        return 0 if batch.parent_id is None else self.last.get(batch.parent_id, 0)


def shaped(
    event: HistoryEvent, number: int, previous: int, *, with_data: bool = True
) -> JsonObject:
    """An event in AWS's shape.

    Args:
        event: What has happened.
        number: Its id.
        previous: Id of the event before it in its frame or the one that began it, or 0.
        with_data: Whether inputs and outputs are included.
    """
    told: JsonObject = {
        "timestamp": event.timestamp,
        "type": event.type,
        "id": number,
        "previousEventId": 0 if previous == _START else previous,
    }
    shape = details_shape(event.type)
    if shape is not None:
        details = event.details
        if not with_data:
            details = {name: details[name] for name in details if name not in _EXECUTION_DATA}
        told[shape.member] = _details(details, shape.fields)
    return told


def _details(details: JsonObject, fields: frozenset[str]) -> JsonObject:
    """The details with documents as JSON text, each marked as whole where AWS has such a mark."""
    told: JsonObject = {}
    for name, value in details.items():
        told[name] = _shown(name, value)
        if f"{name}Details" in fields:
            told[f"{name}Details"] = {"truncated": False}
    return told


def _shown(name: str, value: Json) -> Json:
    if name == ASSIGNED_VARIABLES and isinstance(value, dict):
        return {variable: dumps(assigned) for variable, assigned in value.items()}
    return dumps(value) if name in DOCUMENT_FIELDS else value
