"""Conditions on a row that a write requires, compared as DynamoDB compares."""

from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json


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
