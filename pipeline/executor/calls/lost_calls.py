"""History events of calls whose workers were lost.

Another worker repeats what a lost worker had not committed. The history records each repeated call,
which explains why a function was called twice.
"""

from pipeline.executor.calls.own_errors import WORKER_LOST
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import JsonObject
from pipeline.language.outcomes import FunctionFailed
from pipeline.language.resource import parse_resource

MAX_LOSSES = 5
"""Workers that may be lost with one call before the call counts as failed: it may be what kills
them."""

TOO_MANY_LOSSES = FunctionFailed(
    error=WORKER_LOST,
    cause=f"The call was begun {MAX_LOSSES} times, and each time its worker was lost.",
    started_at=None,
)


def lost_call(called: str, at: float) -> HistoryEvent:
    """The event of a call whose worker was lost.

    Args:
        called: The Resource of its Task state.
        at: Epoch seconds.
    """
    resource = parse_resource(called)
    details: JsonObject = {
        "error": WORKER_LOST,
        "cause": "The worker that made the call was lost before its result was committed; "
        "the function is called again.",
    }
    if resource.is_bare_function:
        return HistoryEvent(type="LambdaFunctionStartFailed", timestamp=at, details=details)
    details |= {
        "resourceType": resource.service,
        "resource": f"{resource.action}{resource.pattern}",
    }
    return HistoryEvent(type="TaskStartFailed", timestamp=at, details=details)
