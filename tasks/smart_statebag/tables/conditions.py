"""What must hold of a row for a write to happen, compared as DynamoDB compares. Pure."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_number, same


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAbsent:
    """There is no row; ``key_field`` is an attribute that every row has."""

    key_field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """An attribute is there and has this value."""

    field: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An attribute is a number below this one."""

    field: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one of some conditions holds."""

    conditions: tuple["Condition", ...]


Condition: TypeAlias = RowAbsent | Equals | Before | AnyOf


def holds(condition: Condition, row: JsonObject | None) -> bool:
    """Whether a condition holds of a row, None being that there is none."""
    match condition:
        case RowAbsent():
            return row is None
        case Equals(field=field, value=value):
            return row is not None and field in row and same(row[field], value)
        case Before(field=field, value=value):
            found = row.get(field) if row is not None else None
            return is_number(found) and found < value
        case AnyOf(conditions=conditions):
            return any(holds(each, row) for each in conditions)
    assert_never(condition)
