"""Rules for EXPRESS state machines.

AWS Step Functions Developer Guide, "Differences between Standard and Express workflows".
"""

from collections.abc import Iterator

from pipeline.language.errors import Problem
from pipeline.language.places import below
from pipeline.language.resource import Pattern
from pipeline.language.state_machine import State, StateMachine
from pipeline.language.states.map import Map, ProcessorMode
from pipeline.language.states.task import Task


def express_problems(machine: StateMachine) -> tuple[Problem, ...]:
    """The problems of a definition as that of an EXPRESS state machine."""
    return tuple(
        problem
        for place, scope in machine.scopes.items()
        for name, state in scope.states.items()
        for problem in _problems(below(below(place, "States"), name), state)
    )


def _problems(place: str, state: State) -> Iterator[Problem]:
    match state:
        case Task(resource=resource) if resource.service == "activity":
            yield Problem(
                below(place, "Resource"), "Express state machine does not support Activity ARN"
            )
        case Task(resource=resource) if resource.pattern is not Pattern.REQUEST_RESPONSE:
            yield Problem(
                below(place, "Resource"),
                f"Express state machine does not support '{resource.pattern}' service integration",
            )
        case Map(mode=ProcessorMode.DISTRIBUTED):
            yield Problem(
                place, "Express state machine does not support a Map state in mode DISTRIBUTED"
            )
        case _:
            return
