"""The Succeed state: ends its scope successfully."""

from dataclasses import dataclass

from pipeline.language.input_output import filtered_input, leave
from pipeline.language.states.common import InputOutput, StateFields
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(StateFields, InputOutput):
    """A Succeed state."""


def enter(state: Succeed, visit: Visit) -> Exited:
    """End the scope with the input."""
    return leave(state, None, filtered_input(state, visit), visit)
