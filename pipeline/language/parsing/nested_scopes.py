"""The states and nested scopes in a definition's JSON.

For checks of the whole definition, which may have other problems.
"""

from collections.abc import Iterator

from pipeline.language.json_value import JsonObject
from pipeline.language.places import below

BRANCHES = "Branches"
PROCESSORS = ("ItemProcessor", "Iterator")


def states_of(scope: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    """The states of a scope, each with its place, without those of nested scopes."""
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            yield below(below(place, "States"), name), state


def scopes_of(state: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    """The branches of a Parallel state or the item processor of a Map state."""
    yield from objects_of(state, BRANCHES, place)
    for field in PROCESSORS:
        if isinstance(processor := state.get(field), dict):
            yield below(place, field), processor


def objects_of(owner: JsonObject, field: str, place: str) -> Iterator[tuple[str, JsonObject]]:
    """The objects of an array, each with its place."""
    elements = owner.get(field)
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(element, dict):
            yield below(below(place, field), index), element
