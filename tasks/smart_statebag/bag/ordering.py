"""The order in which the results of concurrent items count (Contract 4.7)."""

import math
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from tasks.smart_statebag.bag.json_value import Json, JsonObject

ORDER_FIELDS = ("execution_order", "chunk_index", "branch_index", "segment_id")
NUMERIC_TEXT = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*", re.ASCII)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered(Generic[Item]):
    """Items in their order, or in that of arrival when one of them has no order key."""

    items: list[Item]
    fell_back: bool


def number_of(value: Json) -> float | None:
    """The number a value is or, as a text, spells; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and NUMERIC_TEXT.fullmatch(value):
        return int(value) if value.strip().lstrip("+-").isdigit() else float(value)
    return None


def order_key(item: JsonObject) -> float | None:
    """The first numeric order field of an item; None if it has none."""
    numbers = (number_of(item.get(field)) for field in ORDER_FIELDS)
    return next((number for number in numbers if number is not None), None)


def ordered(items: list[tuple[JsonObject, Item]]) -> Ordered[Item]:
    """Sort pairs of order fields and item; ties go by ``chunk_index``, then by arrival."""
    keys = [order_key(fields) for fields, _ in items]
    known = [key for key in keys if key is not None]
    if len(known) < len(items):
        return Ordered(items=[item for _, item in items], fell_back=True)
    ties = [_tie(fields) for fields, _ in items]
    positions = sorted(range(len(items)), key=lambda place: (known[place], ties[place]))
    return Ordered(items=[items[place][1] for place in positions], fell_back=False)


def _tie(fields: JsonObject) -> float:
    index = number_of(fields.get("chunk_index"))
    return math.inf if index is None else index
