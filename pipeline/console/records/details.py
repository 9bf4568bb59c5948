"""The details of events, read from the ledger for the few that a page shows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.console.records.record import Record
from pipeline.console.records.values import Shown, shown, unpack_inline
from pipeline.console.records.visits import EventLine
from pipeline.engine.engine import Engine
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import ASSIGNED_VARIABLES, DOCUMENT_FIELDS
from pipeline.ledger.history import events_of

_VALUES = (*sorted(DOCUMENT_FIELDS), ASSIGNED_VARIABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails:
    """An event with its details.

    Attributes:
        line: The event.
        values: Its documents (input, output, ...) by name.
        cause: The cause of an error: a text, and the lines of its stack trace.
        others: Its other details.
    """

    line: EventLine
    values: Mapping[str, Shown]
    cause: "Cause | None"
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something failed, readable: the document of Lambda's runtime taken apart."""

    message: str
    trace: tuple[str, ...] = ()


def details_of(engine: Engine, record: Record, places: Iterable[int]) -> list[EventDetails]:
    """The details of some events.

    Args:
        engine: Whose ledger holds them.
        record: The execution's record.
        places: Of the events in ``record.events``.
    """
    lines = [record.events[place] for place in places]
    with engine.database.reading() as connection:
        packed = events_of(connection, sorted({line.row for line in lines}))
    decoded = {
        row: decode_events(data, lambda value: unpack_inline(engine, value))
        for row, data in packed.items()
    }
    return [
        _details(line, decoded[line.row][line.place].details)
        for line in lines
        if line.row in decoded
    ]


def readable_cause(cause: str | None) -> Cause | None:
    """A cause, with the stack trace apart if it is an error document of Lambda's runtime."""
    if not cause:
        return None
    try:
        document = json.loads(cause)
    except ValueError:
        return Cause(message=cause)
    if not isinstance(document, dict) or "errorMessage" not in document:
        return Cause(message=cause)
    trace = document.get("stackTrace") or document.get("trace") or []
    lines = trace if isinstance(trace, list) else [str(trace)]
    text = "".join(str(line) if str(line).endswith("\n") else f"{line}\n" for line in lines)
    return Cause(message=str(document["errorMessage"]), trace=tuple(text.splitlines()))


def _details(line: EventLine, details: dict[str, Any]) -> EventDetails:
    others = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in details.items()
        if name not in _VALUES and name not in ("cause", "name")
    }
    return EventDetails(
        line=line,
        values={name: shown(details[name]) for name in _VALUES if name in details},
        cause=readable_cause(details.get("cause")),
        others=others,
    )
