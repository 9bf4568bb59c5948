"""The transitions between the states of one scope, whatever other problems these have.

They are read from the JSON objects, so that a state that cannot be parsed still counts as a target
and leads to others (specification: "Transitions").
"""

from collections.abc import Iterator
from typing import TypeAlias

from pipeline.language.errors import MISSING_END_STATE, MISSING_TRANSITION_TARGET
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.parsing.did_you_mean import did_you_mean
from pipeline.language.parsing.object_reader import ObjectReader

_Path: TypeAlias = tuple[str | int, ...]


def check_transitions(reader: ObjectReader, start_at: str, states: dict[str, JsonObject]) -> None:
    """Report missing targets, unreachable states, and a scope without an end.

    Args:
        reader: The object that holds ``StartAt`` and ``States``.
        start_at: The first state; empty if it is missing.
        states: The state objects by name.
    """
    dangling = False
    for name, state in states.items():
        for path, target in _transitions(state):
            if target not in states:
                dangling = True
                _note_dangling(reader, ("States", name, *path), target, states)
    if start_at not in states:
        if start_at:
            _note_dangling(reader, ("StartAt",), start_at, states)
        return
    reachable = _reachable(start_at, states)
    for name in states:
        if name not in reachable:
            reader.problem(
                f'State "{name}" is not reachable.',
                "States",
                name,
                code=MISSING_TRANSITION_TARGET,
            )
    if not dangling and not any(_ends(states[name]) for name in reachable):
        reader.problem(
            f"No end is reachable from '{start_at}': a Succeed or Fail state, or 'End': true",
            "States",
            code=MISSING_END_STATE,
        )


def _note_dangling(
    reader: ObjectReader, path: _Path, target: str, states: dict[str, JsonObject]
) -> None:
    hint = did_you_mean(target, states)
    message = f"Missing '{path[-1]}' target: {target}{hint}"
    reader.problem(message, *path, code=MISSING_TRANSITION_TARGET)


def _transitions(state: JsonObject) -> Iterator[tuple[_Path, str]]:
    """Each target of a state, with the path to the field that names it."""
    for field in ("Next", "Default"):
        if isinstance(target := state.get(field), str):
            yield (field,), target
    for field in ("Choices", "Catch"):
        for index, target in _next_of_each(state.get(field)):
            yield (field, index, "Next"), target


def _next_of_each(elements: Json) -> Iterator[tuple[int, str]]:
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(element, dict) and isinstance(target := element.get("Next"), str):
            yield index, target


def _reachable(start_at: str, states: dict[str, JsonObject]) -> set[str]:
    reachable: set[str] = set()
    waiting = [start_at]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reachable:
            reachable.add(name)
            waiting.extend(target for _, target in _transitions(states[name]))
    return reachable


def _ends(state: JsonObject) -> bool:
    """Whether the scope can end here. A state that leads nowhere is reported elsewhere."""
    if state.get("End") is True or state.get("Type") in ("Succeed", "Fail"):
        return True
    return not any(True for _ in _transitions(state))
