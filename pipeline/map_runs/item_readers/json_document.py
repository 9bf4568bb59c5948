"""Items from a JSON file: the elements of an array, or the pairs of an object
that ItemsPointer picks (``JSON``).

The parser reads the file as a stream, with one item in memory at a time.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any, TypeAlias

import ijson

from pipeline.language.json_value import Json, JsonObject
from pipeline.language.map_run_plan import ItemSource
from pipeline.map_runs.item_readers.entry import Entry
from pipeline.map_runs.item_readers.item_reader_failed import item_reader_failed

_ParserEvent: TypeAlias = tuple[str, Any]
_ParserEvents: TypeAlias = Iterator[_ParserEvent]

_READ_BYTES = 64 * 1024


def json_document(stream: IO[bytes], source: ItemSource) -> Iterator[Entry]:
    """The items of the document, or of the part that ItemsPointer picks.

    Raises:
        ExecutionError: States.ItemReaderFailed, if it is not JSON or has nothing to iterate.
    """
    events: _ParserEvents = ijson.basic_parse(stream, buf_size=_READ_BYTES)
    try:
        first = _find(source.items_pointer or "", events)
        yield from _entries(first, events, of_pointer=bool(source.items_pointer))
        if not source.items_pointer:
            for _ in events:  # the document must end there
                pass
    except (ijson.JSONError, OverflowError, RecursionError) as error:
        reason, *_ = str(error).splitlines()
        raise item_reader_failed(f"The content of the file is not valid JSON: {reason}") from error


def _find(pointer: str, events: _ParserEvents) -> _ParserEvent:
    """The event that begins the value of a JSON pointer (RFC 6901)."""
    event = next(events)
    for token in pointer.split("/")[1:]:
        found = _member(event, token.replace("~1", "/").replace("~0", "~"), events)
        if found is None:
            raise item_reader_failed(f"The ItemsPointer '{pointer}' finds nothing in the file.")
        event = found
    return event


def _member(event: _ParserEvent, token: str, events: _ParserEvents) -> _ParserEvent | None:
    """The event that begins a member of the current object or array."""
    kind, _ = event
    if kind == "start_map":
        for name, key in events:
            if name == "end_map":
                return None
            if key == token:
                return next(events)
            _skip(next(events), events)
    if kind == "start_array" and token.isdecimal():
        for index, element in enumerate(events):
            if element[0] == "end_array":
                return None
            if str(index) == token:
                return element
            _skip(element, events)
    return None


def _skip(event: _ParserEvent, events: _ParserEvents) -> None:
    depth = 0
    while True:
        depth += event[0].startswith("start_") - event[0].startswith("end_")
        if not depth:
            return
        event = next(events)


def _entries(event: _ParserEvent, events: _ParserEvents, *, of_pointer: bool) -> Iterator[Entry]:
    """The elements of an array, or the pairs of an object; an object only by ItemsPointer."""
    match event[0]:
        case "start_array":
            for element in events:
                if element[0] == "end_array":
                    return
                yield None, _value(element, events)
        case "start_map" if of_pointer:
            for kind, key in events:
                if kind == "end_map":
                    return
                yield key, _value(next(events), events)
        case _:
            raise item_reader_failed("Attempting to map over non-iterable node.")


def _value(event: _ParserEvent, events: _ParserEvents) -> Json:
    kind, value = event
    match kind:
        case "start_array":
            return _array(events)
        case "start_map":
            return _object(events)
        case "number" if isinstance(value, Decimal):
            return _finite(value)
        case _:
            scalar: Json = value
            return scalar


def _array(events: _ParserEvents) -> list[Json]:
    elements: list[Json] = []
    for event in events:
        if event[0] == "end_array":
            break
        elements.append(_value(event, events))
    return elements


def _object(events: _ParserEvents) -> JsonObject:
    members: JsonObject = {}
    for kind, key in events:
        if kind == "end_map":
            break
        members[key] = _value(next(events), events)
    return members


def _finite(number: Decimal) -> float:
    value = float(number)
    if math.isinf(value):
        raise OverflowError(f"{number} is beyond the range of a JSON number")
    return value
