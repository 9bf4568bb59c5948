"""Warnings about a definition, with AWS's codes: what is allowed, but seldom intended.

API reference: "ValidateStateMachineDefinition", list of warning codes. They work on the JSON
document, so that a definition with errors gets warnings, too.
"""

import re
from collections.abc import Iterator

from pipeline.language.errors import Problem
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.places import below
from pipeline.language.query_language import QueryLanguage

NO_DOLLAR = "NO_DOLLAR"
NO_PATH = "NO_PATH"
PASS_RESULT_IS_STATIC = "PASS_RESULT_IS_STATIC"  # noqa: S105 - a code of AWS

_TEMPLATES = ("Assign", "ItemSelector", "Parameters", "ResultSelector")
_WITH_PATH_FORM = (
    "Cause",
    "Error",
    "HeartbeatSeconds",
    "MaxConcurrency",
    "Seconds",
    "TimeoutSeconds",
    "Timestamp",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)
_NOT_COMPARED = ("Comment", "Next", "Variable")

_PATH = re.compile(r"\${1,2}([.\[]|$)")
_CALL = re.compile(r"States\.[A-Z]\w*\(")


def definition_warnings(document: JsonObject) -> tuple[Problem, ...]:
    """The warnings about a definition, which need not conform."""
    return tuple(_of_scope(document, "", document.get("QueryLanguage")))


def _of_scope(scope: JsonObject, place: str, machine_language: Json) -> Iterator[Problem]:
    for name, state in _objects(scope.get("States"), below(place, "States")):
        if state.get("QueryLanguage", machine_language) != QueryLanguage.JSONATA:
            yield from _of_state(state, name)
        for field in ("ItemProcessor", "Iterator"):
            if isinstance(inner := state.get(field), dict):
                yield from _of_scope(inner, below(name, field), machine_language)
        for branch_place, branch in _objects(state.get("Branches"), below(name, "Branches")):
            yield from _of_scope(branch, branch_place, machine_language)


def _objects(container: Json, place: str) -> Iterator[tuple[str, JsonObject]]:
    """The objects in an object or array, and their places."""
    pairs: Iterator[tuple[str | int, Json]] = iter(())
    if isinstance(container, dict):
        pairs = iter(container.items())
    elif isinstance(container, list):
        pairs = iter(enumerate(container))
    for key, value in pairs:
        if isinstance(value, dict):
            yield below(place, key), value


def _of_state(state: JsonObject, place: str) -> Iterator[Problem]:
    for field in _TEMPLATES:
        yield from _without_dollar(state.get(field), below(place, field))
    for field in _WITH_PATH_FORM:
        if _is_path(state.get(field)):
            yield _no_path(field, place)
    for rule_place, rule in _objects(state.get("Choices"), below(place, "Choices")):
        yield from _of_rule(rule, rule_place)
    if state.get("Type") == "Pass" and _looks_computed(state.get("Result")):
        message = "The value of the field 'Result' is static: paths in it are not evaluated"
        yield Problem(below(place, "Result"), message, PASS_RESULT_IS_STATIC)


def _without_dollar(template: Json, place: str) -> Iterator[Problem]:
    if isinstance(template, dict):
        for name, value in template.items():
            if _is_path_or_call(value) and not name.endswith(".$"):
                message = (
                    f"The value of the field '{name}' looks like a JSONPath or an intrinsic"
                    f" function; it is evaluated only if the field is named '{name}.$'"
                )
                yield Problem(below(place, name), message, NO_DOLLAR)
            yield from _without_dollar(value, below(place, name))
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from _without_dollar(value, below(place, index))


def _of_rule(rule: JsonObject, place: str) -> Iterator[Problem]:
    for name, value in rule.items():
        if name in ("And", "Or"):
            for inner_place, inner in _objects(value, below(place, name)):
                yield from _of_rule(inner, inner_place)
        elif name == "Not" and isinstance(value, dict):
            yield from _of_rule(value, below(place, name))
        elif name not in _NOT_COMPARED and not name.endswith("Path") and _is_path(value):
            yield _no_path(name, place)


def _no_path(field: str, place: str) -> Problem:
    message = (
        f"The value of the field '{field}' looks like a path, but the field's name does not end"
        " with 'Path'"
    )
    return Problem(below(place, field), message, NO_PATH)


def _looks_computed(value: Json) -> bool:
    match value:
        case dict():
            return any(name.endswith(".$") or _looks_computed(of) for name, of in value.items())
        case list():
            return any(_looks_computed(element) for element in value)
        case _:
            return _is_path(value)


def _is_path(value: Json) -> bool:
    return isinstance(value, str) and _PATH.match(value) is not None


def _is_path_or_call(value: Json) -> bool:
    return _is_path(value) or (isinstance(value, str) and _CALL.match(value) is not None)
