"""The Succeed state: ends its scope successfully."""

from dataclasses import dataclass

from pipeline.language.states.common import InputOutput, StateFields
from pipeline.language.visit import Exited, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(StateFields, InputOutput):
    """A Succeed state."""


def enter(state: Succeed, visit: Visit) -> Exited:
    """End the scope with the input."""
    return state.flow.leave(None, state.flow.filtered_input(visit), visit)
