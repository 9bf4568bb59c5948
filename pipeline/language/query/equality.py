"""When two JSON values are the same: 1 and 1.0 are, true and 1 are not."""

from collections.abc import Hashable

from pipeline.language.json_value import Json


def equal(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal; the order of an object's fields does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def identity(value: Json) -> Hashable:
    """A key that two values share exactly when they are ``equal``, for sets of JSON values."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *map(identity, value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    return value
