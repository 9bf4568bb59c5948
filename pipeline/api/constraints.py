"""The model's constraints on a request's members: presence, length, range, pattern.

One error reports all violations, in AWS's words.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from functools import cache
from typing import Any

import regex

from pipeline.api.errors import ApiError

PAYLOADS = frozenset({"SensitiveData", "SensitiveDataJobInput"})
"""Shapes whose longest length is the limit of a state's input and output."""

_NAME = "Name"
"""The shape of names, for which each action has an error of its own (InvalidName)."""

_STORABLE = re.compile(r"[^\x00]*")
"""PostgreSQL stores no U+0000 in a text."""


def check_constraints(
    members: Mapping[str, Any], shape: Any, *, unbounded: Container[str] = ()
) -> None:
    """Reject a request that violates the model.

    Args:
        members: The request's members, of the right types.
        shape: botocore's shape of the action's input.
        unbounded: Names of shapes that may have any length.

    Raises:
        ApiError: ValidationException, with every violation.
    """
    if violations := list(_of_structure(members, shape, "", unbounded)):
        errors = "error" if len(violations) == 1 else "errors"
        raise ApiError(
            "ValidationException",
            f"{len(violations)} validation {errors} detected: {'; '.join(violations)}",
        )


def _of_structure(
    members: Mapping[str, Any], shape: Any, path: str, unbounded: Container[str]
) -> Iterator[str]:
    for name, member in shape.members.items():
        member_path = f"{path}.{_printed(name)}" if path else _printed(name)
        if name in members:
            yield from _of(members[name], member, member_path, unbounded)
        elif name in shape.required_members:
            yield _violation(None, member_path, "Member must not be null")


def _of(value: Any, shape: Any, path: str, unbounded: Container[str]) -> Iterator[str]:
    for rule in _broken_rules(value, shape, unbounded):
        shown = _SENSITIVE if shape.metadata.get("sensitive") else value
        yield _violation(shown, path, rule)
    match shape.type_name:
        case "structure":
            yield from _of_structure(value, shape, path, unbounded)
        case "list":
            yield from _of_items(value, shape, path, unbounded)
        case "map":
            yield from _of_entries(value, shape, path, unbounded)


def _of_items(items: list[Any], shape: Any, path: str, unbounded: Container[str]) -> Iterator[str]:
    for number, item in enumerate(items, 1):
        if item is None:
            yield _violation(None, f"{path}.{number}.member", "Member must not be null")
        elif shape.member.type_name in _CONTAINERS:
            yield from _of(item, shape.member, f"{path}.{number}.member", unbounded)
        elif any(_broken_rules(item, shape.member, unbounded)):
            # For a list of plain values AWS prints the list and all the rules of its members.
            rules = ", ".join(_rules(shape.member))
            yield _violation(items, path, f"Member must satisfy constraint: [{rules}]")
            return


def _of_entries(
    entries: Mapping[str, Any], shape: Any, path: str, unbounded: Container[str]
) -> Iterator[str]:
    shown = _SENSITIVE if shape.metadata.get("sensitive") else entries
    if any(any(_broken_rules(key, shape.key, unbounded)) for key in entries):
        rules = ", ".join(_rules(shape.key))
        yield _violation(shown, path, f"Map keys must satisfy constraint: [{rules}]")
    if shape.value.type_name in _CONTAINERS:
        for key, item in entries.items():
            yield from _of(item, shape.value, f"{path}.{key}.member", unbounded)
    elif any(any(_broken_rules(item, shape.value, unbounded)) for item in entries.values()):
        rules = ", ".join(_rules(shape.value))
        yield _violation(shown, path, f"Map value must satisfy constraint: [{rules}]")


def _printed(name: str) -> str:
    """A member's name as AWS prints it: Lambda's begin with a capital in its model only."""
    return name[:1].lower() + name[1:]


_CONTAINERS = frozenset({"structure", "list", "map"})
_SENSITIVE = object()


def _violation(value: Any, path: str, rule: str) -> str:
    if value is _SENSITIVE:
        found = "Value"
    elif value is None:
        found = "Value null"
    else:
        found = f"Value '{_shown(value)}'"
    return f"{found} at '{path}' failed to satisfy constraint: {rule}"


def _shown(value: Any) -> str:
    """As Java prints it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


def _broken_rules(value: Any, shape: Any, unbounded: Container[str]) -> Iterator[str]:
    for rule, holds in _rules(shape).items():
        lifted = rule.startswith(_AT_MOST) and shape.name in unbounded
        if not lifted and not holds(value):
            yield rule


_AT_MOST = "Member must have length less than"


@cache
def _rules(shape: Any) -> dict[str, Callable[[Any], bool]]:
    """The model's rules for a value of this shape, each in AWS's words."""
    rules: dict[str, Callable[[Any], bool]] = {}
    given = shape.metadata
    noun, measure = _measure(shape)
    if "max" in given:
        rules[f"Member must have {noun} less than or equal to {given['max']}"] = lambda value: (
            measure(value) <= given["max"]
        )
    if "min" in given:
        rules[f"Member must have {noun} greater than or equal to {given['min']}"] = lambda value: (
            measure(value) >= given["min"]
        )
    if "pattern" in given:
        pattern = regex.compile(given["pattern"])
        rules[f"Member must satisfy regular expression pattern: {given['pattern']}"] = (
            lambda value: pattern.fullmatch(value) is not None
        )
    if "enum" in given:
        rules[f"Member must satisfy enum value set: [{', '.join(given['enum'])}]"] = lambda value: (
            value in given["enum"]
        )
    if shape.type_name == "string" and shape.name != _NAME:
        rules[f"Member must satisfy regular expression pattern: {_STORABLE.pattern}"] = (
            lambda value: _STORABLE.fullmatch(value) is not None
        )
    return rules


def _measure(shape: Any) -> tuple[str, Callable[[Any], float]]:
    if shape.type_name in {"string", "blob", "list", "map"}:
        return "length", len
    return "value", float
