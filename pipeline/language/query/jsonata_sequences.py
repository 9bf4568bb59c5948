"""JSONata's functions on arrays, where the library's differ from the reference or take quadratic
time.

An undefined argument is None.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from pipeline.language.query.equality import identity
from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_numbers import is_number


def sort(items: list[Any] | None, comes_after: Any = None) -> list[Any] | None:
    """``$sort``: a stable order, by the items themselves or a function of two items."""
    if items is None or len(items) <= 1:
        return items
    if comes_after is not None:
        return sorted(items, key=lambda item: _Ordered(item, comes_after))
    if not all(map(is_number, items)) and not all(isinstance(item, str) for item in items):
        raise failure("D3070")
    return sorted(items)


class _Ordered:
    """An item, ordered by a function that says whether it comes after another."""

    __slots__ = ("_comes_after", "_item")

    def __init__(self, item: Any, comes_after: Any) -> None:
        self._item = item
        self._comes_after = comes_after

    def __lt__(self, other: "_Ordered") -> bool:
        after = Functions.func_apply(self._comes_after, [other._item, self._item])
        return bool(Functions.to_boolean(after))


def distinct(items: Any) -> Any:
    """``$distinct``: each value once, in the order of first appearance."""
    if not isinstance(items, list) or len(items) <= 1:
        return items
    firsts: dict[Hashable, Any] = {}
    for item in items:
        firsts.setdefault(identity(item), item)
    kept = list(firsts.values())
    return Utils.create_sequence_from_iter(kept) if Utils.is_sequence(items) else kept


def spread(value: Any) -> Any:
    """``$spread``: an object for each member of an object or of each object of an array."""
    if isinstance(value, dict):
        return _sequence({name: member} for name, member in value.items())
    if not isinstance(value, list):
        return value
    found: list[Any] = []
    for item in value:
        parts = spread(item)
        if isinstance(parts, list):
            found += parts
        elif parts is not None:
            found.append(parts)
    return _sequence(found)


def _sequence(items: Iterable[Any]) -> Any:
    return Utils.create_sequence_from_iter(items)
