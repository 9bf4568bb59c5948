"""Sizes and their limits (Contract 3.2); limits are exceeded by ``>``."""

import os

from tasks.smart_statebag.bag.json_value import Json, encode

KB = 1024

FIELD_LIMIT = 30 * KB
STATE_LIMIT = 100 * KB
SOFT_LIMIT = 150 * KB
PAYLOAD_LIMIT_KB = 200
HARD_LIMIT = 256 * KB

RESPONSE_MARGIN = 8 * KB
"""Room between a bag and the hard limit for what stands beside it in a response."""


def size_of(value: Json) -> int:
    """Exact size in bytes of a value's compact JSON text."""
    return len(encode(value))


def in_kb(size_bytes: int) -> int:
    """Bytes in KB, rounded up."""
    return -(-size_bytes // KB)


def payload_limit(requested_kb: Json = None) -> int:
    """The payload limit in bytes: the event's, else ``MAX_PAYLOAD_SIZE_KB``, else 200 KB.

    No setting lifts it to the hard limit, which no response may reach.
    """
    kilobytes = requested_kb if isinstance(requested_kb, int | float) else None
    if kilobytes is None or isinstance(kilobytes, bool) or kilobytes <= 0:
        kilobytes = float(os.environ.get("MAX_PAYLOAD_SIZE_KB") or PAYLOAD_LIMIT_KB)
    return min(int(kilobytes * KB), HARD_LIMIT - RESPONSE_MARGIN)
