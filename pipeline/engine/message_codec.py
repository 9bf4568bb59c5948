"""MessagePack for messages that carry signatures.

A chord or group signature is a dictionary whose ``len`` is its number of tasks; the packer would
write that length and produce a broken map. So this codec converts every subclass to its plain type
first.
"""

from typing import Any

import msgpack
from kombu.serialization import register

CONTENT_TYPE = "application/x-msgpack"


def pack(value: Any) -> bytes:
    """The MessagePack form of a value made of plain types, signatures among them."""
    packed: bytes = msgpack.packb(value, use_bin_type=True, strict_types=True, default=_plain)
    return packed


def unpack(data: bytes) -> Any:
    """The value that ``pack`` wrote; tuples come back as lists."""
    return msgpack.unpackb(data, raw=False)


def use_for_messages() -> None:
    """Make Kombu use this codec for MessagePack."""
    register(  # type: ignore[no-untyped-call]  # Kombu's function has no annotations
        "msgpack", pack, unpack, content_type=CONTENT_TYPE, content_encoding="binary"
    )


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return dict(value)
        case list() | tuple():
            return list(value)
        case str():
            return str.__str__(value)
        case int():
            return int(value)
    raise TypeError(f"{type(value).__name__} cannot be sent in a message")
