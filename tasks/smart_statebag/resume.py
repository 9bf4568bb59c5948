"""Resuming an execution that waits for a person (Contract 7.2)."""

from typing import Any

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.callbacks.answering import answer
from tasks.smart_statebag.callbacks.interface import TaskTimedOut
from tasks.smart_statebag.callbacks.storing import optional_text
from tasks.smart_statebag.callbacks.tools import CallbackTools

RESPONSE_FIELDS = ("response", "feedback", "user_response", "text", "response_text")

OK, BAD_REQUEST, NOT_FOUND, GONE = 200, 400, 404, 410


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Give the owner's newest waiting pause its answer.

    Returns:
        ``statusCode`` (200; 400 no response; 404 none waiting; 410 timed out), ``message``, and
        after 200 ``conversation_id``, ``pause_id`` and ``execution_id``.
    """
    fields = event if isinstance(event, dict) else {}
    response = next((fields[n] for n in RESPONSE_FIELDS if fields.get(n) is not None), None)
    return resume(
        optional_text(fields, "ownerId", "owner_id", "owner", "user_id"),
        execution_id=optional_text(fields, "execution_id"),
        conversation_id=optional_text(fields, "conversation_id"),
        pause_id=optional_text(fields, "pause_id"),
        response=response,
    )


def resume(
    owner: str | None,
    *,
    response: Json,
    execution_id: str | None = None,
    conversation_id: str | None = None,
    pause_id: str | None = None,
    tools: CallbackTools | None = None,
) -> JsonObject:
    """Answer the newest pause of an execution or conversation, or the one that is named.

    Returns:
        As the handler.
    """
    if response is None:
        return _rejected(BAD_REQUEST, "A response is required")
    if not owner or not (execution_id or conversation_id or pause_id):
        return _rejected(
            BAD_REQUEST, "An owner and an execution_id, conversation_id or pause_id are required"
        )
    tools = tools or CallbackTools()
    row = tools.token_store().newest_waiting(
        owner,
        execution_id=execution_id,
        conversation_id=conversation_id,
        pause_id=pause_id,
    )
    if row is None:
        return _rejected(NOT_FOUND, "Nothing waits for this answer")
    try:
        answer(row, response, tools)
    except TaskTimedOut:
        return _rejected(GONE, "The question has timed out")
    named = {name: row.get(name) for name in ("conversation_id", "pause_id", "execution_id")}
    return {"statusCode": OK, "message": "Resumed", **named}


def _rejected(status_code: int, message: str) -> JsonObject:
    return {"statusCode": status_code, "message": message}
