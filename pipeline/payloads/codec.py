"""The codec: encodes JSON values as bytes and decodes them without loss.

The first byte names the format; the rest is JSON text in UTF-8, compressed or not.
"""

import json
import threading
from collections.abc import Callable, Mapping

import orjson
import zstandard

from pipeline.language.json_value import Json

_COMPRESSION_LEVEL = 3
_WORTH_TRYING = 1024
"""Length in bytes up to which text is never compressed."""
_WORTH_KEEPING = 0.8
"""Largest share of its length that compressed text may keep: reading it takes longer each time."""

_PLAIN = b"j"
"""The format of text that orjson reads and writes, which is nearly all text."""
_WIDE = b"w"
"""The format of text that only the standard library reads and writes: integers beyond 64 bits, lone
surrogates (three bytes each, as Python's ``surrogatepass`` has it), more than 254 levels."""
_PLAIN_COMPRESSED = b"J"
_WIDE_COMPRESSED = b"W"


def encode(value: Json) -> bytes:
    """The bytes of a JSON value, compressed when that pays.

    Raises:
        ValueError: It is not a JSON value: NaN, Infinity, a key that is not text, nesting deeper
            than Python's own recursion limit.
    """
    return compress(serialize(value))


def decode(data: bytes) -> Json:
    """The value that was encoded.

    Raises:
        ValueError: The bytes were not written by this codec.
    """
    read = _READERS.get(data[:1])
    if read is None:
        raise ValueError(f"{data[:1]!r} is not a format of encoded values")
    return read(data[1:])


def serialize(value: Json) -> bytes:
    """The encoded value before its compression: a format byte and JSON text.

    Raises:
        ValueError: As for ``encode``.
    """
    try:
        text = orjson.dumps(
            value, option=orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
        )
    except TypeError:
        return _WIDE + _serialize_wide(value)
    # orjson writes NaN and Infinity as null. Comparing is cheap, and only needed where the text
    # holds a null.
    if b"null" in text and orjson.loads(text) != value:
        _serialize_wide(value)
    return _PLAIN + text


def _serialize_wide(value: Json) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        exact = json.loads(text) == value
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"Not a JSON value: {error}") from error
    if not exact:
        raise ValueError("Not a JSON value: it holds a tuple or a key that is not text")
    return text.encode("utf-8", "surrogatepass")


def compress(serialized: bytes) -> bytes:
    """A serialized value, compressed where that pays."""
    if len(serialized) <= _WORTH_TRYING:
        return serialized
    compressed = _of_this_thread.compressor.compress(serialized[1:])
    if len(compressed) > _WORTH_KEEPING * len(serialized):
        return serialized
    return _COMPRESSED[serialized[:1]] + compressed


class _OfThisThread(threading.local):
    """One compressor a thread: threads must not share one, and making one is slower than using it.

    For a text of 3 KB making one takes 45 microseconds, using it 5.
    """

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)


_of_this_thread = _OfThisThread()


def _read_wide(data: bytes) -> Json:
    value: Json = json.loads(data.decode("utf-8", "surrogatepass"))
    return value


def _decompress(data: bytes) -> bytes:
    try:
        return zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(f"The compressed value cannot be read: {error}") from error


_COMPRESSED: Mapping[bytes, bytes] = {
    _PLAIN: _PLAIN_COMPRESSED,
    _WIDE: _WIDE_COMPRESSED,
}

_READERS: Mapping[bytes, Callable[[bytes], Json]] = {
    _PLAIN: orjson.loads,
    _WIDE: _read_wide,
    _PLAIN_COMPRESSED: lambda data: orjson.loads(_decompress(data)),
    _WIDE_COMPRESSED: lambda data: _read_wide(_decompress(data)),
}
