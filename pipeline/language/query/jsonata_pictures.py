"""``$formatNumber`` and the functions on dates and times, with the library's pictures.

Pictures are those of XPath (F&O 3.1, 4.7.1 and 9.8.4.1). An undefined argument is None.
"""

import re
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from jsonata.datetimeutils import DateTimeUtils
from jsonata.functions import Functions

from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_numbers import round_half_even

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_8601 = re.compile(
    r"\d{4}(-[01]\d)?(-[0-3]\d)?(T[0-2]\d:[0-5]\d:[0-5]\d)?(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?",
    re.ASCII,
)
_COMPONENT = re.compile(r"\[\s*([^\s\]])")
_COMPONENTS = frozenset("YMDdFWwXxHhPmsfZzCE")
_LEADING = {"Y": "[Y0001]-", "M": "[M01]-", "D": "[D01] "}
_LEADING_VALUES = {"Y": "%Y-", "M": "%m-", "D": "%d "}
_OTHER_DATES = frozenset("dFWwXx")
_UNUSUAL = re.compile("[%\u2030e]")
_OPTIONAL_DIGITS = re.compile(r"([^#,0-9]*)[#,]+")


def format_number(
    value: float | None, picture: str, options: dict[str, str] | None = None
) -> str | None:
    """``$formatNumber``.

    The library rounds halves up, and writes a zero before the point even if the picture has none.
    This function corrects both for pictures without percent, exponent and custom symbols.
    """
    if value is not None and not options and not _UNUSUAL.search(picture):
        parts = picture.split(";")
        whole, point, fraction = parts[-1 if value < 0 else 0].partition(".")
        places = sum(character in "0123456789#" for character in fraction)
        value = round_half_even(value, places) or 0.0
        optional = _OPTIONAL_DIGITS.fullmatch(whole)
        if places and optional and abs(value) < 1:
            sign = "-" if value < 0 and len(parts) == 1 else ""
            return sign + str(
                Functions.format_number(abs(value), optional[1] + point + fraction, None)
            )
    return Functions.format_number(value, picture, options)  # type: ignore[no-any-return]


def to_millis(timestamp: str | None, picture: str | None, now: float) -> int | None:
    """``$toMillis``.

    Args:
        timestamp: An ISO 8601 timestamp, or a text in the picture's format.
        picture: Its format.
        now: Epoch seconds, which supply the year, month and day that the picture lacks.
    """
    if timestamp is None:
        return None
    if picture is None:
        return _iso_millis(timestamp)
    _check_picture(picture)
    lead, prefix = _missing_date(picture, datetime.fromtimestamp(now, UTC))
    try:
        return DateTimeUtils.parse_datetime(prefix + timestamp, lead + picture)  # type: ignore[no-any-return]
    except RuntimeError as error:
        raise failure("D3136") from error


def _missing_date(picture: str, today: datetime) -> tuple[str, str]:
    """The pictures and values of the year, month and day in front of a picture's first part."""
    named = set(_COMPONENT.findall(picture))
    if named & _OTHER_DATES:
        return "", ""
    missing = list(takewhile(lambda component: component not in named, _LEADING))
    values = "".join(today.strftime(_LEADING_VALUES[component]) for component in missing)
    return "".join(_LEADING[component] for component in missing), values


def _iso_millis(timestamp: str) -> int:
    if not _ISO_8601.fullmatch(timestamp):
        raise failure("D3110", timestamp)
    text = timestamp if len(timestamp) > 7 else f"{timestamp}-01-01"[:10]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise failure("D3110", timestamp) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def from_millis(millis: float | None, picture: str | None, timezone: str | None) -> str | None:
    """``$fromMillis``."""
    if millis is None:
        return None
    if picture is not None:
        _check_picture(picture)
    return DateTimeUtils.format_datetime(int(millis), picture, timezone)  # type: ignore[no-any-return]


def _check_picture(picture: str) -> None:
    markers = picture.replace("[[", "").replace("]]", "")
    if markers.count("[") > markers.count("]"):
        raise failure("D3135")
    for component in _COMPONENT.findall(markers):
        if component not in _COMPONENTS:
            raise failure("D3132", component)
