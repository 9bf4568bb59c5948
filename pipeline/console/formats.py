"""How the pages show times, durations, sizes and JSON."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

_MINUTE, _HOUR = 60, 3600
_KIB = 1024


def moment(seconds: float | None) -> str:
    """A time, given in epoch seconds, as ``2026-01-31 12:00:00.123 UTC``; a dash for None."""
    if seconds is None:
        return "-"
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} UTC"


def clock(seconds: float | None) -> str:
    """The time of day of a time, ``12:00:00.123``, for tables of one execution."""
    return moment(seconds).partition(" ")[2].removesuffix(" UTC") or "-"


def iso(seconds: float | None) -> str:
    """A time, given in epoch seconds, for the attribute ``datetime``."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def seconds_text(seconds: float | None) -> str:
    """``12 ms``, ``4.2 s``, ``3 min 5 s`` or ``2 h 10 min``; a dash for None."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{1000 * max(seconds, 0):.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def size_text(count: int) -> str:
    """A number of bytes: ``512 B``, ``1.5 KiB``, ``3.2 MiB``."""
    size, units = float(count), ["B", "KiB", "MiB", "GiB"]
    while size >= _KIB and len(units) > 1:
        size /= _KIB
        del units[0]
    return f"{size:.0f} {units[0]}" if units[0] == "B" else f"{size:.1f} {units[0]}"


def indented(value: Any) -> str:
    """A JSON value, or a text that holds one, on several lines."""
    if isinstance(value, str):
        text = value
        try:
            value = json.loads(text)
        except ValueError:
            return text
    return json.dumps(value, indent=2, ensure_ascii=False)


FILTERS: dict[str, Callable[..., str]] = {
    "moment": moment,
    "clock": clock,
    "iso": iso,
    "duration": seconds_text,
    "size": size_text,
    "indented": indented,
}
