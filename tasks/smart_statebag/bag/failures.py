"""Errors as data: the pair ``Error``/``Cause`` that a Catch writes, and further fields."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of

LONG_CAUSE = 4096
"""Characters of a cause in the bag and in main loops."""
SHORT_CAUSE = 256
"""Characters of a cause in branches, items and chunks."""

UNKNOWN_ERROR = "UnknownError"


def failure(error: str, cause: str) -> JsonObject:
    """An error with its cause cut to what the bag may hold."""
    return {"Error": error, "Cause": cause[:LONG_CAUSE]}


def error_name(info: Json, default: str = UNKNOWN_ERROR) -> str:
    """The name in a normalised error, in a Catch's output, or in a plain text."""
    if isinstance(info, dict):
        for key in ("Error", "error_type", "error"):
            name = info.get(key)
            if isinstance(name, str) and name:
                return name[:SHORT_CAUSE]
    return info[:SHORT_CAUSE] if isinstance(info, str) and info else default


def normalised(info: Json, *, default: str = UNKNOWN_ERROR, limit: int = LONG_CAUSE) -> JsonObject:
    """An error as the bag keeps it: ``Error`` and ``Cause`` always, texts cut, size bounded.

    Further fields are kept as long as the error fits the limit of one field.
    """
    given = info if isinstance(info, dict) else {}
    cause = given.get("Cause", given.get("error"))
    if cause is None:
        cause = info if isinstance(info, str) else ""
    pair: JsonObject = {
        "Error": error_name(info, default),
        "Cause": (cause if isinstance(cause, str) else str(cause))[:limit],
    }
    cut: JsonObject = {key: _cut(value, limit) for key, value in given.items()}
    whole: JsonObject = {**cut, **pair}
    return whole if size_of(whole) <= FIELD_LIMIT else pair


def brief(info: Json, *, default: str = UNKNOWN_ERROR) -> JsonObject:
    """The pair alone with a short cause: the error of a branch, an item or a chunk."""
    whole = normalised(info, default=default, limit=SHORT_CAUSE)
    return {"Error": whole["Error"], "Cause": whole["Cause"]}


def _cut(value: Json, limit: int) -> Json:
    return value[:limit] if isinstance(value, str) else value
