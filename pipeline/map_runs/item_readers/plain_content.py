"""The decompressed content of an object."""

import gzip
import zlib
from io import BufferedReader

import zstandard

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError)
"""The exceptions of reading a damaged compressed content."""


def plain_content(stream: BufferedReader) -> BufferedReader:
    """The plain text of a stream, which may be compressed with gzip or Zstandard.

    The first bytes show the compression, because the names of inventories and exports do not. A
    byte order mark at the beginning is dropped.
    """
    start, plain = stream.peek(4), stream
    if start.startswith(_GZIP):
        plain = BufferedReader(gzip.GzipFile(fileobj=stream))
    elif start.startswith(_ZSTANDARD):
        frames = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        plain = BufferedReader(frames)
    if plain.peek(3).startswith(_BYTE_ORDER_MARK):
        plain.read(len(_BYTE_ORDER_MARK))
    return plain
