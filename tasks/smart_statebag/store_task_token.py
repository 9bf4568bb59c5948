"""StoreTaskToken: the pauses of main loops, and of the branches of C (Contract 7.1)."""

from typing import Any

from tasks.smart_statebag.bag.counters import integer_or
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


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Store the task token of a pause.

    Returns:
        ``{stored, conversation_id, pause_id}``.
    """
    return store_task_token(event)


def store_task_token(event: Json, tools: CallbackTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        InvalidInput: The token, the owner or the execution is missing.
    """
    fields = spread(event)
    return store_pause(_pause(fields), tools or CallbackTools(), mock=is_mock(fields))


def _pause(fields: JsonObject) -> Pause:
    token = required_text(fields, "TaskToken", "taskToken")
    owner = required_text(fields, "ownerId", "owner_id", "user_id")
    execution_id = required_text(fields, "execution_id", "conversation_id")
    return Pause(
        owner=owner,
        workflow=optional_text(fields, "workflowId", "workflow_id"),
        execution_id=execution_id,
        execution_name=optional_text(fields, "execution_name") or execution_name(execution_id),
        conversation_id=optional_text(fields, "conversation_id") or execution_id,
        scope=optional_text(fields, "scope") or MAIN_SCOPE,
        segment=integer_or(fields.get("segment_to_run"), 0),
        loop=integer_or(fields.get("loop_counter"), 0),
        token=token,
        idempotency_key=optional_text(fields, "idempotency_key"),
        state_path=optional_text(fields, "state_s3_path"),
        question=shortened_question(fields.get("question")),
    )
