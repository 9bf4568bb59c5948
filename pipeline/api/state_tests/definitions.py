"""The definition of a test: one state, or a whole state machine with the name of one in it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jsonpath import pointer

from pipeline.api.state_tests.state_test import InvalidStateTest
from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.language.errors import InvalidDefinition, Problem
from pipeline.language.json_value import Json, JsonObject, dumps, loads
from pipeline.language.places import below
from pipeline.language.query_language import QueryLanguage
from pipeline.language.state_machine import State, StateMachine

LONE_STATE = "TestState"
"""The name of a state whose definition comes without a state machine, if no state within it has
that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedState:
    """A state with the state machine around it.

    Attributes:
        scope: The scope of the machine that it is in.
        language: The query language it is written in.
    """

    machine: StateMachine
    scope: str
    state: State
    language: QueryLanguage

    @property
    def inner_states(self) -> frozenset[str]:
        """Names of the states within it, at any depth."""
        place = below(f"{self.scope}/States", self.state.name)
        return frozenset(
            name
            for scope in self.machine.scopes.values()
            if scope.scope.startswith(f"{place}/")
            for name in scope.states
        )


def find_state(definition: str, name: str | None) -> TestedState:
    """The state under test.

    Args:
        definition: Text of a state, or of a state machine when a name is given.
        name: Name of the state, at any depth.

    Raises:
        InvalidDefinition: The text does not conform.
        InvalidStateTest: No state has that name.
    """
    if name is None:
        lone = LONE_STATE
        while f'"{lone}"' in definition:
            lone += "'"
        machine = _machine_around(definition, lone)
        state = machine.scopes[""].states[lone]
        language = _language(definition, "")
        return TestedState(machine=machine, scope="", state=state, language=language)
    machine = checked_definition(definition)
    for scope in machine.scopes.values():
        if name in scope.states:
            return TestedState(
                machine=machine,
                scope=scope.scope,
                state=scope.states[name],
                language=_language(definition, below(f"{scope.scope}/States", name)),
            )
    raise InvalidStateTest(f"State '{name}' not found in definition")


def _machine_around(definition: str, name: str) -> StateMachine:
    """A state machine around a lone state of that name.

    Raises:
        InvalidDefinition: The state does not conform; the places are those in its own text.
        InvalidStateTest: It is a state machine.
    """
    prefix = f"/States/{name}"
    try:
        return checked_definition(_around(definition, name))
    except InvalidDefinition as error:
        raise InvalidDefinition(
            tuple(
                replace(problem, place=problem.place.removeprefix(prefix))
                for problem in error.problems
            )
        ) from error


def _language(definition: str, place: str) -> QueryLanguage:
    """The query language of the state at a JSON pointer: its own, or that of the state machine."""
    machine: Any = loads(definition)
    state: Any = pointer.resolve(place, machine)
    return QueryLanguage(state.get("QueryLanguage", machine.get("QueryLanguage", "JSONPath")))


def _around(definition: str, name: str) -> str:
    """A document with a placeholder for each state that the lone state refers to."""
    try:
        state = loads(definition)
    except ValueError as error:
        raise InvalidDefinition((Problem("", f"Not JSON: {error}"),)) from error
    if not isinstance(state, dict):
        raise InvalidDefinition((Problem("", "The definition must be a JSON object"),))
    if "States" in state and "Type" not in state:
        raise InvalidStateTest("'stateName' must be given with the definition of a state machine")
    states: JsonObject = {target: {"Type": "Succeed"} for target in _targets(state)}
    return dumps({"StartAt": name, "States": {**states, name: state}})


def _targets(state: JsonObject) -> Iterator[str]:
    """Names of the states that a state may go to."""
    for place in (state, *_objects(state.get("Choices")), *_objects(state.get("Catch"))):
        for field in ("Next", "Default"):
            target = place.get(field)
            if isinstance(target, str):
                yield target


def _objects(value: Json) -> list[JsonObject]:
    elements = value if isinstance(value, list) else []
    return [element for element in elements if isinstance(element, dict)]
