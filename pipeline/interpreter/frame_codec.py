"""Frames and history events as bytes for the ledger.

The codec packs each JSON value by itself, so that large ones go to the object store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgpack

from pipeline.interpreter.frame import Frame, FrameKind, Invocation, MapItem, Phase, Redrive
from pipeline.language.history_event import ASSIGNED_VARIABLES, DOCUMENT_FIELDS, HistoryEvent
from pipeline.language.json_value import Json

Pack = Callable[[Json], bytes]
Unpack = Callable[[bytes], Json]

_OTHER_FIELDS = {"kind", "phase", "input", "map_item", "invocation", "variables", "redrive"}
_PLAIN_FIELDS = tuple(field.name for field in fields(Frame) if field.name not in _OTHER_FIELDS)
_PACKED_DETAILS = DOCUMENT_FIELDS | {ASSIGNED_VARIABLES}


def encode_frame(frame: Frame, pack: Pack) -> bytes:
    """A frame without its phase, which is a column of its own."""
    record: dict[str, Any] = {name: getattr(frame, name) for name in _PLAIN_FIELDS}
    record["kind"] = frame.kind.value
    record["input"] = pack(frame.input)
    if frame.variables:
        record["variables"] = pack(frame.variables)
    if item := frame.map_item:
        record["map_item"] = (item.index, pack(item.value), item.key, item.source)
    if call := frame.invocation:
        record["invocation"] = (call.resource, pack(call.arguments), call.role_arn)
    if redrive := frame.redrive:
        record["redrive"] = (redrive.count, redrive.at)
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
        index, value, key, source = record["map_item"]
        record["map_item"] = MapItem(index=index, value=unpack(value), key=key, source=source)
    if "invocation" in record:
        resource, arguments, role_arn = record["invocation"]
        record["invocation"] = Invocation(
            resource=resource, arguments=unpack(arguments), role_arn=role_arn
        )
    if "redrive" in record:
        count, at = record["redrive"]
        record["redrive"] = Redrive(count=count, at=at)
    return Frame(phase=phase, **record)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameOutline:
    """A frame without its payloads.

    Attributes:
        index: The index of its item, or 0.
        resource: The resource of its scheduled call, or None.
    """

    kind: FrameKind
    scope: str
    state: str
    index: int
    resource: str | None


def outline_of_frame(body: bytes) -> FrameOutline:
    """The outline of the frame that ``encode_frame`` wrote; reads no payload."""
    record = msgpack.unpackb(body)
    return FrameOutline(
        kind=FrameKind(record["kind"]),
        scope=record["scope"],
        state=record["state"],
        index=record["map_item"][0] if "map_item" in record else 0,
        resource=record["invocation"][0] if "invocation" in record else None,
    )


def encode_events(events: Sequence[HistoryEvent], pack: Pack) -> bytes:
    """The events of one transition."""
    encoded: bytes = msgpack.packb(
        [
            (
                event.type,
                event.timestamp,
                {
                    name: pack(value) if name in _PACKED_DETAILS else value
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
                name: unpack(value) if name in _PACKED_DETAILS else value
                for name, value in details.items()
            },
        )
        for type_, timestamp, details in msgpack.unpackb(data)
    ]
