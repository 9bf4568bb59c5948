"""The variables that the states of a state machine refer to.

AWS: ``variableReferences`` of DescribeStateMachine, "a map of state name to a list of variables
referenced by that state".
"""

from collections.abc import Mapping

from pipeline.language.json_value import JsonObject
from pipeline.language.parsing.nested_scopes import scopes_of, states_of
from pipeline.language.parsing.variable_references import named_language, references_of
from pipeline.language.parsing.variable_scopes import assigned_within
from pipeline.language.places import name_of, value_at
from pipeline.language.query.jsonata_functions import FUNCTIONS
from pipeline.language.query_language import QueryLanguage


def referenced_variables(machine: JsonObject, scope: str = "") -> Mapping[str, list[str]]:
    """The variables that states refer to, sorted, by the names of the states.

    A Parallel or Map state does not refer to what only the states inside it do. States that refer
    to none are left out.

    Args:
        machine: A definition that conforms.
        scope: JSON pointer of the scope.
    """
    language = named_language(machine) or QueryLanguage.JSON_PATH
    found: dict[str, set[str]] = {}
    within = value_at(machine, scope)
    _collect(within if isinstance(within, dict) else {}, scope, language, found)
    # A function that is passed as a value looks like a variable; it is one if a state assigns its
    # name.
    functions = FUNCTIONS.keys() - assigned_within(machine, "")
    variables = {state: sorted(names - functions) for state, names in found.items()}
    return {state: names for state, names in variables.items() if names}


def _collect(
    scope: JsonObject, place: str, language: QueryLanguage, found: dict[str, set[str]]
) -> None:
    """Collect the variables of each state of a scope, and of those inside it."""
    for state_place, state in states_of(scope, place):
        names = found.setdefault(name_of(state_place), set())
        names.update(name for _, name in references_of(state, state_place, language))
        for inner_place, inner in scopes_of(state, state_place):
            _collect(inner, inner_place, language, found)
