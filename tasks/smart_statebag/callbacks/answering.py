"""Answering a pause (Contract 7.2)."""

from tasks.smart_statebag.bag.clock import iso_utc
from tasks.smart_statebag.bag.envelopes import s3_reference
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.callbacks.pause import resumption
from tasks.smart_statebag.callbacks.tools import CallbackTools

RESPONSE_FIELD = "user_response"


def answer(row: JsonObject, response: Json, tools: CallbackTools) -> None:
    """Send the waiting Task state its success, and mark the pause as resumed.

    Raises:
        TaskTimedOut: The state no longer waits; the pause stays as it is.
    """
    now = iso_utc(tools.clock.now())
    output = resumption(row, _inline_or_reference(row, response, tools), resumed_at=now)
    tools.callbacks().send_task_success(str(row["taskToken"]), output)
    tools.token_store().mark_resumed(row)


def _inline_or_reference(row: JsonObject, response: Json, tools: CallbackTools) -> Json:
    """The response itself, or above 30 KB a reference to it."""
    if size_of(response) <= FIELD_LIMIT:
        return response
    access = tools.access(row)
    written = access.write(access.keys.field(RESPONSE_FIELD), response)
    return s3_reference(written, stored_at=access.now_iso())
