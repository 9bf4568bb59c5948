"""Timestamps in the specification's form: RFC 3339 with an upper-case T and Z."""

import re
from datetime import UTC, datetime, timedelta

from pipeline.language.errors import InvalidExpression

_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]+))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def parse_timestamp(text: str) -> float:
    """Seconds since the epoch of a timestamp.

    Raises:
        InvalidExpression: It is not an RFC 3339 timestamp with T and Z or an offset.
    """
    return parse_nanoseconds(text) / 1_000_000_000


def parse_nanoseconds(text: str) -> int:
    """Nanoseconds since the epoch of a timestamp, exact; further digits are dropped.

    Raises:
        InvalidExpression: As for ``parse_timestamp``.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise _not_a_timestamp(text)
    seconds, fraction, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(seconds).replace(tzinfo=UTC)
    except ValueError:  # the thirtieth of February, the year 0
        raise _not_a_timestamp(text) from None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    elapsed = local - _EPOCH + (offset if sign == "-" else -offset)
    return elapsed // _SECOND * 1_000_000_000 + int((fraction or "")[:9].ljust(9, "0"))


def format_timestamp(epoch_seconds: float) -> str:
    """The UTC timestamp in milliseconds, ``2019-03-26T20:14:13.192Z``."""
    moment = datetime.fromtimestamp(epoch_seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _not_a_timestamp(text: str) -> InvalidExpression:
    return InvalidExpression(
        f"'{text}' is not an RFC 3339 timestamp with an upper-case T and Z or an offset"
    )
