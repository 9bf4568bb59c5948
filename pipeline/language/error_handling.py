"""The handling of a state's error: a retry, a catcher's state, or the failure of the scope.

Specification: "Errors", "Retrying after error", "Fallback states".
"""

from pipeline.language import catchers, retriers
from pipeline.language.errors import HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT, ExecutionError
from pipeline.language.outcomes import Failed, Sleep
from pipeline.language.states.common import ErrorHandling, StateFields
from pipeline.language.states.map import Map
from pipeline.language.states.parallel import Parallel
from pipeline.language.visit import Exited, Turn, Visit

_FAILED: dict[type[StateFields], str] = {
    Map: "MapStateFailed",
    Parallel: "ParallelStateFailed",
}
"""The event of the final failure of a state that fans out."""


def handle(
    state: StateFields, error: ExecutionError, visit: Visit, *, is_of_children: bool = False
) -> Turn:
    """Handle an error of the state, first by its retriers, then by its catchers.

    AWS's history has no MapStateFailed for an attempt before a retry, nor for an error of the state
    itself that cannot be caught.

    Args:
        state: The state that has failed.
        error: Its error.
        visit: The visit to it.
        is_of_children: Whether the error comes from its branches or iterations.

    Returns:
        Sleep before a retry, Exited to a catcher's state, or Failed.
    """
    if not isinstance(state, ErrorHandling):
        return Failed(error=error.error, cause=error.cause)
    if again := _retry(state, error, visit):
        return again
    if type(state) in _FAILED and (is_of_children or error.error != RUNTIME):
        visit.record(_FAILED[type(state)], {})
    return _catch(state, error, visit)


def _shown(error: ExecutionError) -> str:
    """The error name in the history, a catcher's output and the execution.

    ErrorEquals distinguishes a missed heartbeat from other timeouts; AWS's results do not.
    """
    return TIMEOUT if error.error == HEARTBEAT_TIMEOUT else error.error


def _retry(state: ErrorHandling, error: ExecutionError, visit: Visit) -> Sleep | None:
    retries = visit.retries or (0,) * len(state.retry)
    position = retriers.find(state.retry, retries, error.error)
    if position is None:
        return None
    made = retries[position]
    visit.retries = (*retries[:position], made + 1, *retries[position + 1 :])
    visit.retry_count += 1
    delay = retriers.delay(state.retry[position], made, visit.sources.random)
    return Sleep(until=visit.sources.now + delay)


def _catch(state: ErrorHandling, error: ExecutionError, visit: Visit) -> Exited | Failed:
    catcher = catchers.find(state.catch, error.error)
    if catcher is None:
        return Failed(error=_shown(error), cause=error.cause)
    output = catchers.error_output(_shown(error), error.cause)
    try:
        return catcher.flow.leave(catcher.next, output, visit)
    except ExecutionError as misplaced:
        return Failed(error=misplaced.error, cause=misplaced.cause)
