"""The Parallel state: every branch gets the same input; the result is the array of outputs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    ResultFields,
    StateFields,
    Transition,
)

if TYPE_CHECKING:
    from pipeline.language.definition import SubStateMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(StateFields, InputOutput, ResultFields, ErrorHandling, Transition):
    """A Parallel state."""

    branches: "tuple[SubStateMachine, ...]"
