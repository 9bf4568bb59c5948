"""Equality of JSON values: 1 equals 1.0, but true does not equal 1."""

from collections.abc import Hashable

from pipeline.language.json_value import Json


def equal(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal, regardless of the order of fields."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def identity(value: Json) -> Hashable:
    """A key for sets of JSON values, the same for two values if and only if they are ``equal``."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", *map(identity, value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    return value
