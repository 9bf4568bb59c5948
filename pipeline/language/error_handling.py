"""What a state does about an error: try again, go to a catcher's state, or fail its scope.

Specification: "Errors", "Retrying after error", "Fallback states".
"""

from pipeline.language import catchers, retriers
from pipeline.language.errors import ExecutionError
from pipeline.language.outcomes import Failed, Sleep
from pipeline.language.states.common import ErrorHandling, StateFields
from pipeline.language.visit import Exited, Turn, Visit


def handle(state: StateFields, error: ExecutionError, visit: Visit) -> Turn:
    """Answer an error of the state, first by its retriers, then by its catchers.

    Returns:
        Sleep before a retry, Exited towards a catcher's state, or Failed.
    """
    if isinstance(state, ErrorHandling):
        return _retry(state, error, visit) or _catch(state, error, visit)
    return Failed(error=error.error, cause=error.cause)


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
        return Failed(error=error.error, cause=error.cause)
    output = catchers.error_output(error.error, error.cause)
    try:
        return catcher.flow.leave(catcher.next, output, visit)
    except ExecutionError as misplaced:
        return Failed(error=misplaced.error, cause=misplaced.cause)
