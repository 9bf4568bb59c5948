"""Counters of the bag; a null one counts as absent (Contract 2.3)."""

from tasks.smart_statebag.bag.json_value import Json


def integer_or(value: Json, default: int) -> int:
    """An integer, or the integer a whole number or a text spells; else the default."""
    number = as_integer(value)
    return default if number is None else number


def as_integer(value: Json) -> int | None:
    """An integer, or the integer a whole number or a text spells; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return None
