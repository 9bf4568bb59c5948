"""The shapes that stand in for stored or compressed data (Contract 3.1)."""

import base64
import binascii
import gzip
import zlib
from typing import Literal, TypeAlias

from tasks.smart_statebag.bag.errors import CorruptEnvelope
from tasks.smart_statebag.bag.json_value import Json, JsonObject, decode, encode
from tasks.smart_statebag.bag.sizes import in_kb
from tasks.smart_statebag.bag.storage import Written

Kind: TypeAlias = Literal["s3_reference", "wrapper", "history_archive", "compressed"]

REQUIRED_KEYS: dict[Kind, frozenset[str]] = {
    "s3_reference": frozenset({"type", "s3_path"}),
    "wrapper": frozenset({"__s3_offloaded", "__s3_path"}),
    "history_archive": frozenset({"type", "s3_path", "entry_count"}),
    "compressed": frozenset({"type", "data"}),
}
POINTER_KEY: dict[Kind, str] = {
    "s3_reference": "s3_path",
    "wrapper": "__s3_path",
    "history_archive": "s3_path",
}
HASH_KEY: dict[Kind, str] = {"s3_reference": "sha256", "wrapper": "__sha256"}


def kind_of(value: Json) -> Kind | None:
    """Which envelope a value has the shape of, None for plain data."""
    if not isinstance(value, dict):
        return None
    if value.get("__s3_offloaded") is True:
        kind: Kind = "wrapper"
    elif value.get("type") == "s3_reference":
        kind = "s3_reference"
    elif value.get("type") == "history_archive":
        kind = "history_archive"
    elif value.get("type") == "compressed":
        kind = "compressed"
    else:
        return None
    return kind if value.keys() >= REQUIRED_KEYS[kind] else None


def pointer_in(kind: Kind, envelope: JsonObject) -> str:
    """The plain pointer in an envelope that has one.

    Raises:
        CorruptEnvelope: The key of the pointer does not hold a text.
    """
    pointer = envelope.get(POINTER_KEY[kind])
    if not isinstance(pointer, str):
        raise CorruptEnvelope(kind, f"{POINTER_KEY[kind]} is not a text")
    return pointer


def checksum_in(kind: Kind, envelope: JsonObject) -> str | None:
    """The SHA-256 an envelope gives for its object, if it gives one."""
    checksum = envelope.get(HASH_KEY.get(kind, ""))
    return checksum if isinstance(checksum, str) else None


def s3_reference(written: Written, *, stored_at: str) -> JsonObject:
    """The envelope of one offloaded field."""
    return {
        "type": "s3_reference",
        "s3_path": written.path,
        "size_bytes": written.size_bytes,
        "size_kb": in_kb(written.size_bytes),
        "sha256": written.sha256,
        "stored_at": stored_at,
    }


def wrapper(written: Written) -> JsonObject:
    """The envelope of a whole state document."""
    return {
        "__s3_offloaded": True,
        "__s3_path": written.path,
        "__original_size_bytes": written.size_bytes,
        "__original_size_kb": in_kb(written.size_bytes),
        "__sha256": written.sha256,
    }


def history_archive(
    written: Written, *, entry_count: int, previous_s3_path: str | None, archived_at: str
) -> JsonObject:
    """The marker at index 0 of a history, for every entry archived so far."""
    return {
        "type": "history_archive",
        "s3_path": written.path,
        "entry_count": entry_count,
        "previous_s3_path": previous_s3_path,
        "archived_at": archived_at,
    }


def compress(value: Json, *, compressed_at: str) -> JsonObject:
    """The ``compressed`` envelope of a value; equal values give equal data."""
    body = encode(value)
    return {
        "type": "compressed",
        "data": base64.b64encode(gzip.compress(body, mtime=0)).decode("ascii"),
        "original_size_bytes": len(body),
        "compressed_at": compressed_at,
    }


def decompress(data: Json) -> Json:
    """The value behind base64 of gzip of JSON.

    Raises:
        CorruptEnvelope: The data is not in that form.
    """
    if not isinstance(data, str):
        raise CorruptEnvelope("compressed", "data is not a text")
    try:
        return decode(gzip.decompress(base64.b64decode(data, validate=True)))
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError) as error:
        raise CorruptEnvelope("compressed", str(error)) from error
