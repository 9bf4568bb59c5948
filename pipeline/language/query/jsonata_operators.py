"""JSONata's operators, where the library differs from the reference or has no bounds."""

from typing import Any

from jsonata.utils import Utils

from pipeline.language.query.equality import identity
from pipeline.language.query.jsonata_bounds import MAX_VALUES, Bounds
from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_numbers import is_number


def equal(left: Any, right: Any, bounds: Bounds) -> bool:
    """``left = right`` for two defined values."""
    if isinstance(left, dict | list) and isinstance(right, dict | list):
        bounds.weigh(left)
        bounds.weigh(right)
        return identity(left) == identity(right)
    return _same(left, right)


def _same(left: Any, right: Any) -> bool:
    return left is right or (isinstance(left, bool) == isinstance(right, bool) and left == right)


def includes(value: Any, items: Any, bounds: Bounds) -> bool:
    """``value in items``; compares objects and arrays by identity."""
    if value is None or items is None:
        return False
    several = items if isinstance(items, list) else [items]
    bounds.charge(len(several))
    if isinstance(value, dict | list):
        return any(item is value for item in several)
    return any(_same(item, value) for item in several)


def span(first: Any, last: Any, bounds: Bounds) -> Any:
    """``[first..last]``."""
    if first is not None and not _is_integer(first):
        raise failure("T2003", first)
    if last is not None and not _is_integer(last):
        raise failure("T2004", last)
    if first is None or last is None or first > last:
        return None
    size = int(last - first) + 1
    if size > MAX_VALUES:
        raise failure("D2014", size)
    bounds.charge(size)
    return Utils.create_sequence_from_iter(range(int(first), int(last) + 1))


def _is_integer(value: Any) -> bool:
    return is_number(value) and value == value // 1


def members(value: Any, bounds: Bounds) -> Any:
    """``*``: the values of an object or array, with nested arrays flattened."""
    found = Utils.create_sequence()
    if isinstance(value, Utils.JList) and value.outer_wrapper and value:
        value = value[0]
    if not isinstance(value, dict | list):
        return found
    bounds.weigh(value)
    for member in value.values() if isinstance(value, dict) else value:
        found += _flat(member) if isinstance(member, list) else [member]
    return found


def _flat(items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for item in items:
        flat += _flat(item) if isinstance(item, list) else [item]
    return flat
