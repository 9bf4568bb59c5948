"""The history of an execution, read from its batches and numbered.

The events come in AWS's shape (API reference: "GetExecutionHistory"), as boto3 returns them, but
with the timestamp as epoch seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.engine import Engine
from pipeline.frame_codec import decode_events
from pipeline.history_shapes import details_shape
from pipeline.language.history_event import DOCUMENT_FIELDS, HistoryEvent
from pipeline.language.json_value import JsonObject, dumps
from pipeline.ledger.history import batches_of
from pipeline.ledger.rows import HistoryBatch


def execution_history(engine: Engine, history_id: str) -> Iterator[JsonObject]:
    """The events of one execution so far, numbered from 1 in the order of their commits.

    Args:
        engine: Whose ledger holds them.
        history_id: Id of the execution, or of an iteration of a distributed Map, which is an
            execution of its own in the history.

    Raises:
        ObjectStoreError: An input or output that lies in the object store cannot be read.
    """
    numbering = _Numbering()
    with engine.database.reading() as connection:
        for _, batch in batches_of(connection, history_id):
            yield from numbering.number(batch, decode_events(batch.events, engine.payloads.unpack))


@dataclass(slots=True)
class _Numbering:
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

    def number(self, batch: HistoryBatch, events: list[HistoryEvent]) -> Iterator[JsonObject]:
        """The events of the next batch in AWS's shape."""
        for event in events:
            previous = self._previous(batch)
            self.count += 1
            self.last[batch.frame_id] = self.count
            yield _shaped(event, self.count, previous)
        if batch.ends and batch.parent_id is not None:
            self.joined[batch.parent_id] = self.last.pop(batch.frame_id)

    def _previous(self, batch: HistoryBatch) -> int:
        frame_id = batch.frame_id
        if frame_id in self.joined:
            return self.joined.pop(frame_id)
        if frame_id in self.last:
            return self.last[frame_id]
        # The first event of a child follows the event that started its parent's fan-out, and the
        # first of a history follows none; the parent of a child execution is in another history.
        return 0 if batch.parent_id is None else self.last.get(batch.parent_id, 0)


def _shaped(event: HistoryEvent, number: int, previous: int) -> JsonObject:
    shaped: JsonObject = {
        "timestamp": event.timestamp,
        "type": event.type,
        "id": number,
        "previousEventId": previous,
    }
    shape = details_shape(event.type)
    if shape is not None:
        shaped[shape.member] = _details(event.details, shape.fields)
    return shaped


def _details(details: JsonObject, fields: frozenset[str]) -> JsonObject:
    """The details with documents as JSON text, each marked as whole where AWS has such a mark."""
    shaped: JsonObject = {}
    for name, value in details.items():
        shaped[name] = dumps(value) if name in DOCUMENT_FIELDS else value
        if f"{name}Details" in fields:
            shaped[f"{name}Details"] = {"truncated": False}
    return shaped
