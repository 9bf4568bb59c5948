"""The difference of two JSON values, place by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.language.json_value import Json, JsonObject


class Change(StrEnum):
    """What happened to a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two values differ.

    Attributes:
        path: JSON pointer.
        old, new: The values there; None where there is none.
    """

    path: str
    change: Change
    old: Json
    new: Json


def differences(old: Json, new: Json, path: str = "") -> Iterator[Difference]:
    """The places where two values differ, in the order of the new one, removed ones last."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_objects(_by_index(old), _by_index(new), path)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield Difference(path=path, change=Change.CHANGED, old=old, new=new)


def _by_index(values: list[Json]) -> JsonObject:
    return {str(index): value for index, value in enumerate(values)}


def _of_objects(old: JsonObject, new: JsonObject, path: str) -> Iterator[Difference]:
    for key, value in new.items():
        place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in old:
            yield from differences(old[key], value, place)
        else:
            yield Difference(path=place, change=Change.ADDED, old=None, new=value)
    for key, value in old.items():
        if key not in new:
            place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            yield Difference(path=place, change=Change.REMOVED, old=value, new=None)
