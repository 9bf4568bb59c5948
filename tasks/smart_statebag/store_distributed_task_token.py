"""StoreDistributedTaskToken: the pauses of chunks, and of the branches of D (Contract 7.1)."""

from typing import Any

from tasks.smart_statebag.bag.counters import as_integer, integer_or
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import execution_name
from tasks.smart_statebag.callbacks.pause import MAIN_SCOPE, Pause, shortened_question
from tasks.smart_statebag.callbacks.storing import (
    is_mock,
    optional_text,
    required_text,
    spread,
    store_pause,
)
from tasks.smart_statebag.callbacks.tools import CallbackTools

CONTEXT = "distributed_context"
RESULTS = ("chunk_result", "branch_result")


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Store which child execution waits for an answer, under its parent's id.

    Returns:
        ``{stored, conversation_id, pause_id}``.
    """
    return store_distributed_task_token(event)


def store_distributed_task_token(event: Json, tools: CallbackTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        InvalidInput: The token, the owner or the parent execution is missing.
    """
    fields = spread(event)
    return store_pause(_pause(fields), tools or CallbackTools(), mock=is_mock(fields))


def _pause(fields: JsonObject) -> Pause:
    context = fields.get(CONTEXT)
    place = context if isinstance(context, dict) else {}
    result = _result(fields)
    token = required_text(fields, "TaskToken", "taskToken")
    parent = optional_text(place, "parent_execution_id")
    if parent is None:
        raise InvalidInput(f"{CONTEXT}.parent_execution_id")
    names = ("ownerId", "owner_id", "user_id")
    return Pause(
        owner=optional_text(place, *names) or required_text(fields, *names),
        workflow=optional_text({**fields, **place}, "workflow_id", "workflowId"),
        execution_id=parent,
        execution_name=execution_name(parent),
        conversation_id=optional_text(fields, "conversation_id") or parent,
        scope=_scope(place),
        segment=_segment(place, result),
        loop=integer_or(fields.get("loop_counter", fields.get("group_loop")), 0),
        token=token,
        idempotency_key=optional_text(fields, "idempotency_key"),
        state_path=_state_path(result) or optional_text(fields, "state_s3_path"),
        question=shortened_question(fields.get("question")),
    )


def _result(fields: JsonObject) -> JsonObject:
    """The result with which the chunk or branch paused, unwrapped from its ``delta``."""
    for name in RESULTS:
        result = fields.get(name)
        if isinstance(result, dict):
            delta = result.get("delta")
            return delta if isinstance(delta, dict) else result
    return {}


def _scope(place: JsonObject) -> str:
    for kind in ("chunk", "branch"):
        own = place.get(f"{kind}_id")
        if own is not None:
            return f"{kind}/{own}"
    return MAIN_SCOPE


def _segment(place: JsonObject, result: JsonObject) -> int:
    given = (place.get("paused_segment_id"), result.get("paused_segment_id"))
    return next((index for index in map(as_integer, given) if index is not None), 0)


def _state_path(result: JsonObject) -> str | None:
    return optional_text(result, "final_state_s3_path", "result_s3_path")
