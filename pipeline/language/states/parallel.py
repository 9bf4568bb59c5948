"""The Parallel state: every branch gets the same input; the result is the array of outputs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.language.input_output import joined_outputs
from pipeline.language.outcomes import FanOut, FanOutKind, Joined, JoinFailed
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    StateFields,
    Transition,
)
from pipeline.language.visit import Exited, Visit

if TYPE_CHECKING:
    from pipeline.language.state_machine import SubStateMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(StateFields, InputOutput, ErrorHandling, Transition):
    """A Parallel state."""

    branches: "tuple[SubStateMachine, ...]"


def enter(state: Parallel, visit: Visit) -> FanOut:
    """Run every branch with the effective input."""
    document = state.flow.effective_input(state.flow.filtered_input(visit), visit)
    visit.record("ParallelStateStarted", {})
    return FanOut(
        kind=FanOutKind.PARALLEL,
        scopes=tuple(branch.scope for branch in state.branches),
        items=None,
        input=document,
        total=len(state.branches),
        max_concurrency=0,
    )


def resume(state: Parallel, event: Joined | JoinFailed, visit: Visit) -> Exited:
    """Take the outputs of the branches, or the error of the one that failed.

    Raises:
        ExecutionError: A branch failed, or the outputs together are too large.
    """
    result = joined_outputs(event, visit)
    visit.record("ParallelStateSucceeded", {})
    return state.flow.leave(state.next, result, visit)
