"""Functions of the Smart StateBag with faults, for workflows that ask for them by their name."""

from typing import Any

from tasks.smart_statebag.execute_segment import lambda_handler as shipped_execute_segment
from tasks.smart_statebag.state_data_manager.handler import (
    lambda_handler as shipped_state_data_manager,
)

UNKNOWN_ACTION = "unknown-action"
"""StateDataManager is asked for an action it does not have."""
NULL_STATE_DATA = "null-state-data"
"""StateDataManager gets null instead of a bag."""
NULL_RESULT = "null-result"
"""A segment's result has null in every field."""
MISSING_FIELDS = "missing-fields"
"""A segment's result has no field at all."""
UNKNOWN_STATUS = "unknown-status"
"""A segment's result has a status nobody knows."""


def state_data_manager(event: Any, context: Any) -> Any:
    """As shipped, on an event with a fault."""
    workflow = event["state_data"]["workflowId"]
    if workflow == UNKNOWN_ACTION:
        event = {**event, "action": "compress_and_forget"}
    if workflow == NULL_STATE_DATA:
        event = {**event, "state_data": None}
    return shipped_state_data_manager(event, context)


def execute_segment(event: Any, context: Any) -> Any:
    """As shipped, its result with a fault."""
    result: Any = shipped_execute_segment(event, context)
    workflow = (event.get("state_data") or event)["workflowId"]
    if workflow == NULL_RESULT:
        return dict.fromkeys(result)
    if workflow == MISSING_FIELDS:
        return {}
    return {**result, "status": "SHRUGGED"} if workflow == UNKNOWN_STATUS else result


FAULTY = {
    "StateDataManager": f"{__name__}:state_data_manager",
    "ExecuteSegment": f"{__name__}:execute_segment",
}
"""What ``embedded_statebag`` takes."""
