"""MergeCallback: a person's answer goes into the state of a legacy machine (Contract 7.3)."""

from typing import Any

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.answers import answer_of, callback_field, resumed_state
from tasks.smart_statebag.bag.counters import as_integer, integer_or
from tasks.smart_statebag.bag.envelopes import kind_of, wrapper
from tasks.smart_statebag.bag.errors import CorruptEnvelope, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT
from tasks.smart_statebag.bag.state_documents import HITP, write_state
from tasks.smart_statebag.callbacks.storing import spread
from tasks.smart_statebag.callbacks.tools import CallbackTools
from tasks.smart_statebag.workflow.history_entries import COMPLETED, Journal, Position


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Store the answer; nothing else of the callback enters the state.

    Returns:
        ``{new_current_state, new_state_s3_path, new_state_history, segment_to_run}``.
    """
    return merge_callback(event)


def merge_callback(event: Json, tools: CallbackTools | None = None) -> JsonObject:
    """As the handler, with the tools to use."""
    tools = tools or CallbackTools()
    fields = spread(event)
    access = tools.access(fields)
    callback = fields.get("callback_result")
    answered = callback_field(callback, "segment_to_run")
    segment = integer_or(answered, integer_or(fields.get("segment_to_run"), 0))
    position: JsonObject = {**fields, "segment_to_run": segment}
    state = resumed_state(_state(fields, access), callback, segment)
    written = write_state(state, position, access, scope=HITP)
    inline = written.size_bytes <= FIELD_LIMIT
    return {
        "new_current_state": state if inline else wrapper(written),
        "new_state_s3_path": written.path,
        "new_state_history": [*_history(fields, access), _entry(position, callback, access)],
        "segment_to_run": segment,
    }


def _state(fields: JsonObject, access: BagAccess) -> JsonObject:
    """The state that waited: from its pointer, or the inline copy if there is no pointer."""
    for name in ("previous_final_state_s3_path", "state_s3_path"):
        if fields.get(name) is not None:
            return access.hydrator.load_object(fields[name])
    state = access.hydrator.hydrate(fields.get("previous_final_state"))
    if state is None:
        return {}
    if not isinstance(state, dict):
        raise CorruptEnvelope("previous_final_state", "the state is not an object")
    return state


def _history(fields: JsonObject, access: BagAccess) -> list[Json]:
    history = fields.get("state_history")
    if kind_of(history) is not None:
        history = access.hydrator.hydrate(history)
    if history is not None and not isinstance(history, list):
        raise InvalidInput("state_history", "must be a list")
    return history or []


def _entry(position: JsonObject, callback: Json, access: BagAccess) -> JsonObject:
    """The history entry for the answer; a repeated call gives it the same id."""
    segment = as_integer(position["segment_to_run"]) or 0
    journal = Journal(
        position=Position(
            execution_id=str(position.get("execution_id") or ""),
            scope=HITP,
            loop=integer_or(position.get("loop_counter"), 0),
            segment=segment,
        )
    )
    pause_id = callback_field(callback, "pause_id")
    journal.record(
        {"id": "human_response", "type": "hitp", "label": "Human response"},
        status=COMPLETED,
        at=access.clock.now(),
        type="log",
        content="A person answered",
        details={"pause_id": pause_id},
        output=answer_of(callback),
    )
    return journal.entries[0]
