"""Storing a pause, for both token functions (Contract 7.1)."""

from contextlib import suppress

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.callbacks.answering import answer
from tasks.smart_statebag.callbacks.interface import TaskTimedOut
from tasks.smart_statebag.callbacks.pause import Pause
from tasks.smart_statebag.callbacks.tools import CallbackTools

MOCK_RESPONSE: JsonObject = {"action": "APPROVED", "comment": "mock"}
"""No time in it, so that two executions compare equal."""


def store_pause(pause: Pause, tools: CallbackTools, *, mock: bool) -> JsonObject:
    """Store a pause; in mock mode it is approved at once."""
    row = tools.token_store().store(pause)
    if mock:
        with suppress(TaskTimedOut):  # a repeated call: the earlier one gave the answer
            answer(row, MOCK_RESPONSE, tools)
    return {
        "stored": True,
        "conversation_id": pause.conversation_id,
        "pause_id": pause.pause_id,
    }


def spread(event: Json) -> JsonObject:
    """The fields of ``state_data`` below those of the event; a null hides nothing.

    Raises:
        InvalidInput: The event is not an object.
    """
    if not isinstance(event, dict):
        raise InvalidInput("event", "must be an object")
    bag = event.get("state_data")
    layers = (bag if isinstance(bag, dict) else {}, event)
    return {name: value for layer in layers for name, value in layer.items() if value is not None}


def required_text(fields: JsonObject, *names: str) -> str:
    """The first of these fields that holds a text.

    Raises:
        InvalidInput: None does; the error names the first.
    """
    value = optional_text(fields, *names)
    if value is None:
        raise InvalidInput(names[0])
    return value


def optional_text(fields: JsonObject, *names: str) -> str | None:
    """The first of these fields that holds a text, or None."""
    values = (fields.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), None)


def is_mock(fields: JsonObject) -> bool:
    """Whether pauses are approved automatically."""
    return fields.get("MOCK_MODE") in ("true", True)
