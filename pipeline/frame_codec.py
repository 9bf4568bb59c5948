"""Frames and history events as bytes for the ledger.

JSON values inside them are packed one by one, so that large ones lie in the object store.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import msgpack

from pipeline.frame import Frame, FrameKind, Invocation, MapItem, Phase
from pipeline.language.history_event import DOCUMENT_FIELDS, HistoryEvent
from pipeline.language.json_value import Json

Pack = Callable[[Json], bytes]
Unpack = Callable[[bytes], Json]

_PLAIN_FIELDS = tuple(
    field.name
    for field in fields(Frame)
    if field.name not in {"kind", "phase", "input", "map_item", "invocation", "variables"}
)


def encode_frame(frame: Frame, pack: Pack) -> bytes:
    """A frame without its phase, which is a column of its own."""
    record: dict[str, Any] = {name: getattr(frame, name) for name in _PLAIN_FIELDS}
    record["kind"] = frame.kind.value
    record["input"] = pack(frame.input)
    if frame.variables:
        record["variables"] = pack(frame.variables)
    if item := frame.map_item:
        record["map_item"] = (item.index, pack(item.value))
    if call := frame.invocation:
        record["invocation"] = (call.resource, pack(call.arguments))
    encoded: bytes = msgpack.packb(record)
    return encoded


def decode_frame(body: bytes, phase: Phase, unpack: Unpack) -> Frame:
    """The frame that ``encode_frame`` wrote."""
    record = msgpack.unpackb(body)
    record["kind"] = FrameKind(record["kind"])
    record["input"] = unpack(record["input"])
    record["retries"] = tuple(record["retries"])
    if "variables" in record:
        record["variables"] = unpack(record["variables"])
    if "map_item" in record:
        index, value = record["map_item"]
        record["map_item"] = MapItem(index=index, value=unpack(value))
    if "invocation" in record:
        resource, arguments = record["invocation"]
        record["invocation"] = Invocation(resource=resource, arguments=unpack(arguments))
    return Frame(phase=phase, **record)


def encode_events(events: Sequence[HistoryEvent], pack: Pack) -> bytes:
    """The events of one transition."""
    encoded: bytes = msgpack.packb(
        [
            (
                event.type,
                event.timestamp,
                {
                    name: pack(value) if name in DOCUMENT_FIELDS else value
                    for name, value in event.details.items()
                },
            )
            for event in events
        ]
    )
    return encoded


def decode_events(data: bytes, unpack: Unpack) -> list[HistoryEvent]:
    """The events that ``encode_events`` wrote."""
    return [
        HistoryEvent(
            type=type_,
            timestamp=timestamp,
            details={
                name: unpack(value) if name in DOCUMENT_FIELDS else value
                for name, value in details.items()
            },
        )
        for type_, timestamp, details in msgpack.unpackb(data)
    ]
