"""Checks of a definition's service calls against the services' models, before it is stored.

Like AWS, StateBag rejects a definition at creation if it uses actions or fields that a service does
not have. The language itself knows no service.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pipeline.integrations.services import http_request, start_execution
from pipeline.integrations.services.parameters import missing_field, unsupported_field
from pipeline.integrations.services.service_actions import (
    OPTIMISED,
    ActionModel,
    UnknownAction,
    find_action,
)
from pipeline.language.definition import parse_definition
from pipeline.language.errors import InvalidDefinition, Problem
from pipeline.language.json_value import Json, JsonObject, loads
from pipeline.language.jsonata_flow import JsonataFlow
from pipeline.language.parsing.did_you_mean import did_you_mean
from pipeline.language.places import below, value_at
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.task import Task


def checked_definition(document: str) -> StateMachine:
    """Parse a definition, and check the calls of its Task states.

    Raises:
        InvalidDefinition: It does not conform, or calls what a service does not have.
    """
    machine = parse_definition(document)
    problems = tuple(_problems(machine, loads(document)))
    if problems:
        raise InvalidDefinition(problems)
    return machine


def _problems(machine: StateMachine, document: Json) -> Iterator[Problem]:
    for pointer, scope in machine.scopes.items():
        for state in scope.states.values():
            if isinstance(state, Task):
                place = below(f"{pointer}/States", state.name)
                fields = value_at(document, place)
                assert isinstance(fields, dict)  # noqa: S101 - the parser has checked it
                yield from _problems_of_state(state, fields, place)


def _problems_of_state(state: Task, fields: JsonObject, place: str) -> Iterator[Problem]:
    resource = state.resource
    action = None
    if resource.is_sdk or resource.service in OPTIMISED:
        try:
            action = find_action(resource.service, resource.action)
        except UnknownAction as error:
            yield Problem(below(place, "Resource"), str(error))
            return
    in_jsonata = isinstance(state.flow, JsonataFlow)
    field = "Arguments" if in_jsonata else "Parameters"
    arguments, place = fields.get(field), below(place, field)
    if not isinstance(arguments, dict):
        return  # the state's input or an expression supplies them at run time
    checker = _Checker(computed="" if in_jsonata else ".$")
    if action is not None:
        yield from checker.action(arguments, place, action)
    elif resource.service == "http":
        yield from checker.http(arguments, place)
    elif resource.service == "states":
        yield from checker.fields(
            arguments, place, start_execution.FIELDS, start_execution.REQUIRED
        )


class _Checker:
    """Checks the names of the parameters that the definition spells out."""

    def __init__(self, computed: str) -> None:
        self._computed = computed

    def http(self, arguments: JsonObject, place: str) -> Iterator[Problem]:
        yield from self.fields(arguments, place, http_request.FIELDS, http_request.REQUIRED)
        if not self._names(arguments) & set(http_request.CONNECTION_FIELDS):
            yield Problem(place, missing_field(http_request.CONNECTION_FIELDS[0]))

    def fields(
        self, arguments: JsonObject, place: str, known: Collection[str], required: Iterable[str]
    ) -> Iterator[Problem]:
        for name in arguments:
            plain = name.removesuffix(self._computed)
            if plain not in known:
                hint = did_you_mean(plain, known)
                yield Problem(below(place, name), unsupported_field(plain) + hint)
        for name in required:
            if name not in self._names(arguments):
                yield Problem(place, missing_field(name))

    def action(self, arguments: JsonObject, place: str, action: ActionModel) -> Iterator[Problem]:
        shape = action.operation.input_shape
        if shape is None:
            for name in arguments:
                yield Problem(below(place, name), unsupported_field(name))
            return
        given = self._names(arguments)
        for member in shape.required_members:
            name = action.field_name(member)
            is_made = shape.members[member].metadata.get("idempotencyToken", False)
            if name not in given and not is_made:
                yield Problem(place, missing_field(name))
        yield from self._structure(arguments, place, shape, action)

    def _names(self, fields: JsonObject) -> set[str]:
        return {name.removesuffix(self._computed) for name in fields}

    def _structure(
        self, fields: JsonObject, place: str, shape: Any, action: ActionModel
    ) -> Iterator[Problem]:
        members = {action.field_name(member): of for member, of in shape.members.items()}
        for name, value in fields.items():
            plain = name.removesuffix(self._computed)
            if plain not in members:
                hint = did_you_mean(plain, members)
                yield Problem(below(place, name), unsupported_field(plain) + hint)
            elif plain == name or not self._computed:
                yield from self._value(value, below(place, name), members[plain], action)

    def _value(self, value: Json, place: str, shape: Any, action: ActionModel) -> Iterator[Problem]:
        match shape.type_name, value:
            case "structure", dict() if not shape.is_document_type:
                yield from self._structure(value, place, shape, action)
            case "map", dict():
                for name, part in value.items():
                    yield from self._value(part, below(place, name), shape.value, action)
            case "list", list():
                for index, part in enumerate(value):
                    yield from self._value(part, below(place, index), shape.member, action)
