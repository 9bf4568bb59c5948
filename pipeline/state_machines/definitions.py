"""The texts of definitions, and the checks for EXPRESS state machines."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.engine.engine import Engine
from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.language.definition_warnings import definition_warnings
from pipeline.language.errors import InvalidDefinition, Problem
from pipeline.language.express_rules import express_problems
from pipeline.language.json_value import dumps, loads
from pipeline.language.places import value_at
from pipeline.language.referenced_variables import referenced_variables
from pipeline.language.states.map import Map, ProcessorMode
from pipeline.ledger.state_machines import MachineType


def store_definition(engine: Engine, text: str, machine_type: MachineType) -> str:
    """Store a definition, and return its id.

    Raises:
        InvalidDefinition: It does not conform, or this type of state machine does not allow it.
    """
    definition_id = engine.definitions.stored_id(text)
    if machine_type is MachineType.EXPRESS:
        problems = express_problems(engine.definitions.machine(definition_id))
        if problems:
            raise InvalidDefinition(problems)
    return definition_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledMap:
    """A distributed Map state, which its child executions find by its label.

    Attributes:
        definition: The text of its item processor.
        scope: JSON pointer of the item processor.
        execution_type: Type of the child executions.
    """

    definition: str
    scope: str
    execution_type: MachineType


def labelled_map(engine: Engine, definition_id: str, label: str) -> LabelledMap | None:
    """The distributed Map state of a definition with this label, or this name if it has none."""
    for scope in engine.definitions.machine(definition_id).scopes.values():
        for state in scope.states.values():
            if (
                isinstance(state, Map)
                and state.mode is ProcessorMode.DISTRIBUTED
                and label == (state.label or state.name)
            ):
                document = loads(engine.definitions.text(definition_id))
                return LabelledMap(
                    definition=dumps(value_at(document, state.processor.scope)),
                    scope=state.processor.scope,
                    execution_type=MachineType(state.execution_type or MachineType.STANDARD),
                )
    return None


def variable_references(text: str, scope: str) -> Mapping[str, list[str]]:
    """The variables that the states of a scope refer to, by the names of the states.

    Args:
        text: The definition.
        scope: JSON pointer of the scope in it.
    """
    document = loads(text)
    return referenced_variables(document, scope) if isinstance(document, dict) else {}


def definition_problems(text: str, machine_type: MachineType) -> tuple[Problem, ...]:
    """The problems of a text as the definition of a state machine of this type."""
    try:
        machine = checked_definition(text)
    except InvalidDefinition as error:
        return error.problems
    return express_problems(machine) if machine_type is MachineType.EXPRESS else ()


def warnings_about(text: str) -> tuple[Problem, ...]:
    """The warnings about a definition: what is allowed, but seldom intended."""
    try:
        document = loads(text)
        return definition_warnings(document) if isinstance(document, dict) else ()
    except (ValueError, RecursionError):  # not JSON, or nested too deeply: an error, not a warning
        return ()
