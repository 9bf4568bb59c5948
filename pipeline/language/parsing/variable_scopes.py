"""The scopes of variables: an inner scope may read those of the outer one, but not assign them.

AWS: "Variable scope". The checks read the JSON objects, like those of ``reachability``, because
names assigned anywhere in an outer scope count, even if it has other problems.
"""

from collections.abc import Iterator

from pipeline.language.errors import Problem
from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.nested_scopes import objects_of, scopes_of, states_of
from pipeline.language.parsing.variable_references import named_language, references_within
from pipeline.language.places import below
from pipeline.language.query_language import QueryLanguage


def check_variable_scopes(machine: JsonObject, problems: list[Problem]) -> None:
    """Report names that an inner scope assigns again, and those that a map run cannot read."""
    language = named_language(machine) or QueryLanguage.JSON_PATH
    _check_scope(machine, "", frozenset(), language, problems)


def _check_scope(
    scope: JsonObject,
    place: str,
    outer: frozenset[str],
    language: QueryLanguage,
    problems: list[Problem],
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
            unseen = visible - assigned_within(inner, inner_place)
            _check_unseen(inner, inner_place, unseen, language, problems)
        _check_scope(inner, inner_place, visible, language, problems)


def _check_unseen(
    processor: JsonObject,
    place: str,
    unseen: frozenset[str],
    language: QueryLanguage,
    problems: list[Problem],
) -> None:
    for reference_at, name in references_within(processor, place, language):
        if name in unseen:
            message = f"The items of a distributed Map cannot read '${name}' of an outer scope"
            problems.append(Problem(reference_at, message))


def assigned_within(scope: JsonObject, place: str) -> set[str]:
    """The names that the states of a scope and of nested scopes assign."""
    names = {name for _, name in _assigned(scope, place)}
    for inner_place, inner in _inner_scopes(scope, place):
        names |= assigned_within(inner, inner_place)
    return names


def _assigned(scope: JsonObject, place: str) -> Iterator[tuple[str, str]]:
    """The names that the states of a scope assign, each with its place."""
    for state_place, state in states_of(scope, place):
        yield from _names(state, state_place)
        for field in ("Choices", "Catch"):
            for element_place, element in objects_of(state, field, state_place):
                yield from _names(element, element_place)


def _names(owner: JsonObject, place: str) -> Iterator[tuple[str, str]]:
    assign = owner.get("Assign")
    for field in assign if isinstance(assign, dict) else ():
        yield below(below(place, "Assign"), field), field.removesuffix(".$")


def _inner_scopes(scope: JsonObject, place: str) -> Iterator[tuple[str, JsonObject]]:
    for state_place, state in states_of(scope, place):
        yield from scopes_of(state, state_place)


def _is_distributed(processor: JsonObject) -> bool:
    config = processor.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
