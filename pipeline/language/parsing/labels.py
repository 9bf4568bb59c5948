"""Labels of distributed Map states. They name the map runs, so they must differ."""

from collections.abc import Mapping

from pipeline.language.errors import DUPLICATE_LABEL_NAME, Problem
from pipeline.language.places import below
from pipeline.language.state_machine import SubStateMachine
from pipeline.language.states.map import Map


def check_labels(scopes: Mapping[str, SubStateMachine], problems: list[Problem]) -> None:
    """Report each label that another Map state has."""
    taken: dict[str, str] = {}
    for scope in scopes.values():
        for name, state in scope.states.items():
            if not isinstance(state, Map) or state.label is None:
                continue
            place = below(below(below(scope.scope, "States"), name), "Label")
            other = taken.setdefault(state.label, place)
            if other != place:
                message = f"Duplicate Label name: {state.label}; it is taken by {other}"
                problems.append(Problem(place, message, DUPLICATE_LABEL_NAME))
