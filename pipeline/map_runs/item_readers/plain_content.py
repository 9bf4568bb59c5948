"""The content of an object as it was before it was compressed."""

import gzip
import zlib
from io import BufferedReader

import zstandard

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error, zstandard.ZstdError)
"""What reading raises when the compressed content is damaged."""


def plain_content(stream: BufferedReader) -> BufferedReader:
    """The plain text of a stream, which may be compressed with gzip or Zstandard.

    How it is compressed is told by its first bytes: inventories and exports have all kinds of
    names. The mark that some editors begin a UTF-8 file with is left out.
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
