"""AsyncLLMHandler: runs a segment whose LLM work takes too long for a synchronous call (7.4)."""

import logging
from typing import Any

from tasks.smart_statebag.bag.errors import StateBagError
from tasks.smart_statebag.bag.failures import LONG_CAUSE, error_name
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.statuses import FAILING
from tasks.smart_statebag.callbacks.dispatching import (
    CELERY,
    INLINE,
    dispatch_setting,
    send_to_queue,
)
from tasks.smart_statebag.callbacks.heartbeats import Heartbeats
from tasks.smart_statebag.callbacks.interface import TaskTimedOut
from tasks.smart_statebag.callbacks.storing import required_text
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.execute_segment import lambda_handler as execute_segment

PROCESSING_FAILED = "AsyncLLMProcessingFailed"
TOKEN = "TaskToken"  # noqa: S105 (the name of a field)

log = logging.getLogger(__name__)


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Run the segment here or leave it to the queue, as ``ASYNC_DISPATCH`` says.

    Returns:
        ``{dispatched, status}``; the result itself goes to the Task state with the token.
    """
    fields = event if isinstance(event, dict) else {}
    required_text(fields, TOKEN)
    how = dispatch_setting()
    if how == CELERY:
        send_to_queue(fields)
        return {"dispatched": how, "status": "QUEUED"}
    return {"dispatched": INLINE, "status": process(fields, context)}


def process_handler(event: Json, context: Any = None) -> JsonObject:
    """The worker of the queue: run the segment and answer the token."""
    fields = event if isinstance(event, dict) else {}
    return {"dispatched": CELERY, "status": process(fields, context)}


def process(event: JsonObject, context: Any, tools: CallbackTools | None = None) -> Json:
    """Run the segment with heartbeats and send its complete result, or its failure.

    Returns:
        The status of the segment.
    """
    tools = tools or CallbackTools()
    token = required_text(event, TOKEN)
    callbacks = tools.callbacks()
    segment: JsonObject = {name: value for name, value in event.items() if name != TOKEN}
    try:
        with Heartbeats(callbacks, token):
            result = execute_segment({**segment, "allow_async": False}, context)
    except Exception as error:  # the waiting Task state must learn of every failure
        log.warning("Asynchronous work failed", exc_info=True)
        result = {"status": "FAILED", "error_info": _described(error)}
    try:
        if result.get("status") in FAILING:
            callbacks.send_task_failure(token, *_failure(result))
        else:
            callbacks.send_task_success(token, result)
    except TaskTimedOut:
        log.warning("The Task state no longer waits for the result of asynchronous work")
    return result.get("status")


def _described(error: Exception) -> JsonObject:
    """Errors of the contract keep their names, which the state machine's retriers know."""
    if isinstance(error, StateBagError):
        return {"Error": type(error).__name__, "Cause": str(error)}
    return {"Error": PROCESSING_FAILED, "Cause": f"{type(error).__name__}: {error}"}


def _failure(result: JsonObject) -> tuple[str, str]:
    info = result.get("error_info")
    error = result.get("error_type")
    name = error if isinstance(error, str) and error else error_name(info, PROCESSING_FAILED)
    cause = info.get("Cause") if isinstance(info, dict) else info
    return name, (cause if isinstance(cause, str) else str(result.get("status")))[:LONG_CAUSE]
