"""Intrinsic functions for arrays (specification: "Intrinsic Functions", arrays)."""

from pipeline.language.json_value import Json
from pipeline.language.query import equality
from pipeline.language.query.intrinsics.arguments import InvalidArgument, array, rounded, whole

MAX_RANGE_ITEMS = 1_000


def make(*values: Json) -> Json:
    """States.Array: its arguments as an array."""
    return list(values)


def partition(values: Json, size: Json) -> Json:
    """States.ArrayPartition: chunks of ``size`` items; the last may be shorter."""
    items = array(values, "first")
    length = rounded(size, "second")
    if length < 1:
        raise InvalidArgument("The second argument must be a positive integer")
    return [items[start : start + length] for start in range(0, len(items), length)]


def contains(values: Json, value: Json) -> Json:
    """States.ArrayContains: whether an item equals ``value``."""
    return any(equality.equal(item, value) for item in array(values, "first"))


def span(first: Json, last: Json, step: Json) -> Json:
    """States.ArrayRange: integers from ``first`` to ``last`` inclusive, at most 1,000."""
    start, end = rounded(first, "first"), rounded(last, "second")
    increment = rounded(step, "third")
    if increment == 0:
        raise InvalidArgument("The third argument must not be zero")
    numbers = range(start, end + (1 if increment > 0 else -1), increment)
    if len(numbers[: MAX_RANGE_ITEMS + 1]) > MAX_RANGE_ITEMS:
        raise InvalidArgument(f"The range must not hold more than {MAX_RANGE_ITEMS} items")
    return list(numbers)


def get_item(values: Json, index: Json) -> Json:
    """States.ArrayGetItem: the item at a zero-based index."""
    items = array(values, "first")
    position = whole(index, "second")
    if not 0 <= position < len(items):
        raise InvalidArgument(
            f"The index {position} is out of bounds of an array of {len(items)} items"
        )
    return items[position]


def length(values: Json) -> Json:
    """States.ArrayLength."""
    return len(array(values, "first"))


def unique(values: Json) -> Json:
    """States.ArrayUnique: each value once, in the order of first appearance."""
    firsts: dict[object, Json] = {}
    for item in array(values, "first"):
        firsts.setdefault(equality.identity(item), item)
    return list(firsts.values())
