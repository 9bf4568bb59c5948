"""The history of an execution, read from its batches and numbered.

The events come in AWS's shape (API reference: "GetExecutionHistory"), as boto3 returns them, but
with the timestamp as epoch seconds. An event has the same number whenever it is read.
"""

from collections.abc import Iterator

from pipeline.engine.engine import Engine
from pipeline.executions.history_numbering import Numbering, numbered
from pipeline.executions.history_shapes import details_shape
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import (
    ASSIGNED_VARIABLES,
    DOCUMENT_FIELDS,
    INPUT_TEXT,
    HistoryEvent,
)
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.ledger.history import batches_of, events_of, outlines_of, read_settled

_EXECUTION_DATA = DOCUMENT_FIELDS | {ASSIGNED_VARIABLES, INPUT_TEXT}
"""Details that ``includeExecutionData`` is about."""


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
        for event, number, previous in numbered(events, numbering.number(batch, len(events))):
            yield shaped(event, number, previous)


def history_page(
    engine: Engine,
    history_id: str,
    *,
    limit: int,
    beyond: int | None = None,
    reverse: bool = False,
    with_data: bool = True,
) -> list[JsonObject]:
    """Some events of one execution so far; the payloads of no other event are read.

    Args:
        engine: Whose ledger holds them.
        history_id: As for ``execution_history``.
        limit: How many at most.
        beyond: Number of the event after which these come in the requested order, or None.
        reverse: Latest first.
        with_data: Whether inputs and outputs are included.

    Raises:
        ObjectStoreError: An input or output that lies in the object store cannot be read.
    """
    outlines = read_settled(
        engine.database, history_id, lambda connection: outlines_of(connection, history_id)
    )
    numbering = Numbering()
    with_ids = [(outline, numbering.number(outline, outline.length)) for outline in outlines]
    asked = _numbers_of_page(numbering.count, limit, beyond, reverse=reverse)
    overlapping = [
        (outline.number, ids)
        for outline, ids in with_ids
        if ids.first < asked.stop and asked.start < ids.first + outline.length
    ]
    with engine.database.reading() as connection:
        packed = events_of(connection, [row_number for row_number, _ in overlapping])
    unpack = engine.payloads.unpack if with_data else _leave_out
    page = [
        shaped(event, number, previous, with_data=with_data)
        for row_number, ids in overlapping
        for event, number, previous in numbered(decode_events(packed[row_number], unpack), ids)
        if number in asked
    ]
    return page[::-1] if reverse else page


def _numbers_of_page(count: int, limit: int, beyond: int | None, *, reverse: bool) -> range:
    """The numbers of the events on a page."""
    if reverse:
        last = count if beyond is None else beyond - 1
        return range(max(last - limit + 1, 1), last + 1)
    first = (beyond or 0) + 1
    return range(first, min(first + limit, count + 1))


def _leave_out(_: bytes) -> None:
    return None


def shaped(
    event: HistoryEvent, number: int, previous: int, *, with_data: bool = True
) -> JsonObject:
    """An event in AWS's shape.

    Args:
        event: What has happened.
        number: Its id.
        previous: Id of the event that it follows, or 0.
        with_data: Whether inputs and outputs are included.
    """
    shown: JsonObject = {
        "timestamp": event.timestamp,
        "type": event.type,
        "id": number,
        "previousEventId": previous,
    }
    shape = details_shape(event.type)
    if shape is not None:
        details = event.details
        if not with_data:
            details = {name: details[name] for name in details if name not in _EXECUTION_DATA}
        shown[shape.member] = _details(details, shape.fields)
    return shown


def _details(details: JsonObject, fields: frozenset[str]) -> JsonObject:
    """The details with documents as JSON text, each marked as whole where AWS has such a mark."""
    shown: JsonObject = {}
    for name, value in details.items():
        if name == INPUT_TEXT:
            shown["input"] = value
            continue
        shown[name] = _shown(name, value)
        if f"{name}Details" in fields:
            shown[f"{name}Details"] = {"truncated": False}
    return shown


def _shown(name: str, value: Json) -> Json:
    if name == ASSIGNED_VARIABLES and isinstance(value, dict):
        return {variable: dumps(assigned) for variable, assigned in value.items()}
    return dumps(value) if name in DOCUMENT_FIELDS else value
