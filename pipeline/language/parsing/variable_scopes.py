"""Which scope assigns which variables: an inner scope reads those of the outer one, no more.

AWS: "Variable scope". Works on the JSON objects, as ``reachability`` does, because names assigned
anywhere in an outer scope count, whether or not everything else there is right.
"""

from collections.abc import Iterator

from pipeline.language.errors import Problem
from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.variable_references import variable_references
from pipeline.language.places import below


def check_variable_scopes(machine: JsonObject, problems: list[Problem]) -> None:
    """Note names that an inner scope assigns again, and those that a map run cannot see."""
    _check_scope(machine, "", frozenset(), problems)


def _check_scope(
    scope: JsonObject, place: str, outer: frozenset[str], problems: list[Problem]
) -> None:
    own: set[str] = set()
    for assigned_at, name in _assigned(scope, place):
        own.add(name)
        if name in outer:
            message = f"The variable '{name}' belongs to an outer scope and cannot be assigned here"
            problems.append(Problem(assigned_at, message))
    visible = outer | own
    for inner_place, inner in _inner_scopes(scope, place):
        if _is_distributed(inner):
            _check_unseen(inner, inner_place, visible, problems)
        _check_scope(inner, inner_place, visible, problems)


def _check_unseen(
    processor: JsonObject, place: str, outer: frozenset[str], problems: list[Problem]
) -> None:
    unseen = outer - _assigned_within(processor, place)
    for reference_at, name in variable_references(processor, place):
        if name in unseen:
            message = f"The items of a distributed Map cannot read '${name}' of an outer scope"
            problems.append(Problem(reference_at, message))


def _assigned_within(scope: JsonObject, place: str) -> set[str]:
    names = {name for _, name in _assigned(scope, place)}
    for inner_place, inner in _inner_scopes(scope, place):
        names |= _assigned_within(inner, inner_place)
    return names


def _states(scope: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            yield below(below(place, "States"), name), state


def _assigned(scope: JsonObject, place: str) -> Iterator[tuple[str, str]]:
    """The names that the states of a scope assign, each with its place."""
    for state_place, state in _states(scope, place):
        yield from _names(state, state_place)
        for field in ("Choices", "Catch"):
            for element_place, element in _objects(state, field, state_place):
                yield from _names(element, element_place)


def _names(owner: JsonObject, place: str) -> Iterator[tuple[str, str]]:
    assign = owner.get("Assign")
    for field in assign if isinstance(assign, dict) else ():
        yield below(below(place, "Assign"), field), field.removesuffix(".$")


def _inner_scopes(scope: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    for state_place, state in _states(scope, place):
        yield from _objects(state, "Branches", state_place)
        for field in ("ItemProcessor", "Iterator"):
            if isinstance(processor := state.get(field), dict):
                yield below(state_place, field), processor


def _objects(owner: JsonObject, field: str, place: str) -> Iterator[tuple[str, JsonObject]]:
    elements = owner.get(field)
    for index, element in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(element, dict):
            yield below(below(place, field), index), element


def _is_distributed(processor: JsonObject) -> bool:
    config = processor.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
