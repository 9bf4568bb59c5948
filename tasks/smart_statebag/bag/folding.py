"""Folding the states of concurrent items into one (Contract 4.7). Pure.

All items started from one base. Only the changes of each item are merged, so data that all items
share is not multiplied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from tasks.smart_statebag.bag.errors import MergeConflict
from tasks.smart_statebag.bag.json_value import Json, JsonObject, same

LAST_WINS, FIRST_WINS, ERROR = "last_wins", "first_wins", "error"


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"""Stands for a missing key: one that an item removed, or one that the base lacks."""

Value: TypeAlias = "Json | _Absent"
Changes: TypeAlias = "dict[str, Value]"
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The merged state, and the keys that several items changed differently (dotted below)."""

    state: JsonObject
    conflicts: tuple[str, ...]


def fold(base: JsonObject, states: Iterable[JsonObject], merge_policy: Json = LAST_WINS) -> Folded:
    """Merge states that all started from ``base``, given in their order.

    Raises:
        MergeConflict: The policy is ``error`` and several items changed a key differently.
    """
    return merge_changes(base, [changes(base, state) for state in states], merge_policy)


def changes(base: JsonObject, state: JsonObject) -> Changes:
    """The top-level keys an item changed, added or removed; reserved ``__*`` keys are left out."""
    return {
        key: value for key, value in _differences(base, state).items() if not key.startswith("__")
    }


def merge_changes(
    base: JsonObject, changed: list[Changes], merge_policy: Json = LAST_WINS
) -> Folded:
    """Apply the changes of several items, in their order, to the base they started from."""
    shared: JsonObject = {key: value for key, value in base.items() if not key.startswith("__")}
    state, paths = _merge_objects(shared, changed, merge_policy == FIRST_WINS)
    conflicts = tuple(".".join(path) for path in paths)
    if conflicts and merge_policy == ERROR:
        raise MergeConflict(conflicts)
    return Folded(state=state, conflicts=conflicts)


def _differences(base: JsonObject, state: JsonObject) -> Changes:
    found: Changes = {
        key: value for key, value in state.items() if key not in base or not same(value, base[key])
    }
    found.update((key, ABSENT) for key in base if key not in state)
    return found


def _merge_objects(
    base: JsonObject, changed: list[Changes], first_wins: bool
) -> tuple[JsonObject, list[Path]]:
    merged = dict(base)
    conflicts: list[Path] = []
    for key in dict.fromkeys(key for item in changed for key in item):
        values = [item[key] for item in changed if key in item]
        value, inside = _merge_values(base.get(key, ABSENT), values, first_wins)
        conflicts += [(key, *path) for path in inside]
        if value is ABSENT:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged, conflicts


def _merge_values(base: Value, values: list[Value], first_wins: bool) -> tuple[Value, list[Path]]:
    """The merged value, and the paths of its conflicts; the empty path stands for the value."""
    first = values[0]
    if all(_equal(first, other) for other in values[1:]):
        return first, []
    tails = _added_tails(base, values)
    if tails is not None:
        kept = base if isinstance(base, list) else []
        return kept + [element for tail in tails for element in tail], []
    objects = [value for value in values if isinstance(value, dict)]
    if len(objects) == len(values) and (base is ABSENT or isinstance(base, dict)):
        below = base if isinstance(base, dict) else {}
        inner = [_differences(below, value) for value in objects]
        return _merge_objects(below, inner, first_wins)
    return (first if first_wins else values[-1]), [()]


def _added_tails(base: Value, values: list[Value]) -> list[list[Json]] | None:
    """What each value appends to the base list; None if one does anything else."""
    kept = [] if base is ABSENT else base
    if not isinstance(kept, list):
        return None
    tails: list[list[Json]] = []
    for value in values:
        if not isinstance(value, list) or not same(value[: len(kept)], kept):
            return None
        tails.append(value[len(kept) :])
    return tails


def _equal(left: Value, right: Value) -> bool:
    if left is ABSENT or right is ABSENT:
        return left is right
    return same(left, right)
