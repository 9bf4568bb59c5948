"""What a state does about an error: try again, go to a catcher's state, or fail its scope.

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
"""The event by which a state that fans out fails for good."""


def handle(
    state: StateFields, error: ExecutionError, visit: Visit, *, is_of_children: bool = False
) -> Turn:
    """Answer an error of the state, first by its retriers, then by its catchers.

    An attempt that is followed by another has no MapStateFailed in AWS's history, nor has an
    error of the state itself that nothing can catch.

    Args:
        state: The state that has failed.
        error: Its error.
        visit: The visit to it.
        is_of_children: Whether the error is that of its branches or iterations.

    Returns:
        Sleep before a retry, Exited towards a catcher's state, or Failed.
    """
    if not isinstance(state, ErrorHandling):
        return Failed(error=error.error, cause=error.cause)
    if again := _retry(state, error, visit):
        return again
    if type(state) in _FAILED and (is_of_children or error.error != RUNTIME):
        visit.record(_FAILED[type(state)], {})
    return _catch(state, error, visit)


def _shown(error: ExecutionError) -> str:
    """The name that the history, the output of a catcher and the execution show.

    ErrorEquals tells a missed heartbeat from other time-outs; AWS's results do not.
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
