"""Scopes: the machine itself, branches and item processors, each an object with ``States``.

Specification: "Structure of a State Machine", "Parallel State", "Map State".
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pipeline.language.errors import DUPLICATE_STATE_NAME, INVALID_STATE_NAME
from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.did_you_mean import did_you_mean
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.query_language import read_query_language
from pipeline.language.parsing.reachability import check_transitions
from pipeline.language.parsing.states.choice import parse_choice
from pipeline.language.parsing.states.fail import parse_fail
from pipeline.language.parsing.states.map import parse_map
from pipeline.language.parsing.states.parallel import parse_parallel
from pipeline.language.parsing.states.pass_ import parse_pass
from pipeline.language.parsing.states.succeed import parse_succeed
from pipeline.language.parsing.states.task import parse_task
from pipeline.language.parsing.states.wait import parse_wait
from pipeline.language.places import below
from pipeline.language.query_language import QueryLanguage
from pipeline.language.state_machine import State, SubStateMachine

ParseScope: TypeAlias = Callable[[ObjectReader], SubStateMachine]

PLAIN_STATES: Mapping[str, Callable[[ObjectReader, str], State]] = {
    "Choice": parse_choice,
    "Fail": parse_fail,
    "Pass": parse_pass,
    "Succeed": parse_succeed,
    "Task": parse_task,
    "Wait": parse_wait,
}
"""Parsers of the state types by the specification's names, from a reader and the state's name."""

NESTING_STATES: Mapping[str, Callable[[ObjectReader, str, ParseScope], State]] = {
    "Map": parse_map,
    "Parallel": parse_parallel,
}
"""The parsers of the types that contain scopes, which also get the parser of scopes."""

MAX_NAME = 80


class ScopeParser:
    """Parses the scopes of one definition, in its query language.

    Attributes:
        scopes: The scopes parsed so far, by JSON pointer.
    """

    def __init__(self, language: QueryLanguage) -> None:
        self._language = language
        self.scopes: dict[str, SubStateMachine] = {}
        self._places_by_name: dict[str, str] = {}

    def parse(self, reader: ObjectReader) -> SubStateMachine:
        """Parse ``StartAt`` and ``States``. The caller reads the object's other fields."""
        start_at = reader.required_text("StartAt")
        objects = self._state_objects(reader)
        states = {}
        for name, fields in objects.items():
            place = below(below(reader.place, "States"), name)
            state_reader = ObjectReader(fields, place, reader.problems, self._language)
            state = self._parse_state(state_reader, name)
            if state is not None:
                states[name] = state
        check_transitions(reader, start_at, objects)
        scope = SubStateMachine(scope=reader.place, start_at=start_at, states=states)
        self.scopes[reader.place] = scope
        return scope

    def _state_objects(self, reader: ObjectReader) -> dict[str, JsonObject]:
        if not reader.require("States") or (states := reader.object("States")) is None:
            return {}
        if not states.fields:
            states.problem("There must be at least one state")
        return {name: state.fields for name in states.fields if (state := states.object(name))}

    def _parse_state(self, reader: ObjectReader, name: str) -> State | None:
        self._check_name(reader, name)
        reader.language = read_query_language(reader)
        state_type = reader.required_text("Type")
        if parse := PLAIN_STATES.get(state_type):
            state = parse(reader, name)
        elif parse_nesting := NESTING_STATES.get(state_type):
            state = parse_nesting(reader, name, self.parse)
        else:
            if state_type:
                hint = did_you_mean(state_type, [*PLAIN_STATES, *NESTING_STATES])
                reader.problem(f"'{state_type}' is not a state type{hint}", "Type")
            return None
        reader.reject_unknown_fields(f"a {state_type} state")
        return state

    def _check_name(self, reader: ObjectReader, name: str) -> None:
        if not 1 <= len(name) <= MAX_NAME:
            reader.problem(
                f"A state's name has 1 to {MAX_NAME} characters, not {len(name)}",
                code=INVALID_STATE_NAME,
            )
        other = self._places_by_name.setdefault(name, reader.place)
        if other != reader.place:
            reader.problem(
                f"Duplicate State name: {name}; it is taken by {other}, and names must be unique in"
                " the whole state machine",
                code=DUPLICATE_STATE_NAME,
            )
