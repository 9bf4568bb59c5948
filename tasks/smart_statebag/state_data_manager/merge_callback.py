"""``merge_callback``: a person's answer goes into the state and the bag (Contract 4.9)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.answers import answer_of, callback_field, resumed_state
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_integer
from tasks.smart_statebag.bag.state_documents import HITP, write_state
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of
from tasks.smart_statebag.state_data_manager.finishing import finish

CALLBACK_FAILED = "CallbackFailed"


def merge_callback_result(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Put the answer into the bag and a new state document, ready to run the waiting segment.

    Returns:
        ``{state_data, next_action}``.
    """
    return run_action("merge_callback", _merge_callback, event, tools)


def take_answer(position: JsonObject, state_path: Json, callback: Json, access: BagAccess) -> str:
    """Apply a callback's segment, and write the state with the answer in it.

    Returns:
        The pointer to the new state document.
    """
    segment = callback_field(callback, "segment_to_run")
    if is_integer(segment):
        position["segment_to_run"] = segment
    state = {} if state_path is None else access.hydrator.load_object(state_path)
    here = integer_or(position.get("segment_to_run"), 0)
    resumed = resumed_state(state, callback, here)
    return write_state(resumed, position, access, scope=HITP).path


def callback_failed(callback: Json) -> bool:
    """Whether the callback reports a failure instead of an answer."""
    return callback_field(callback, "status") == statuses.FAILED


def callback_error(callback: Json) -> JsonObject:
    """The error of a failed callback."""
    reported = callback_field(callback, "error_info") or callback_field(callback, "error")
    given: Json = (
        reported
        if isinstance(reported, dict)
        else {
            "Error": callback_field(callback, "Error") or CALLBACK_FAILED,
            "Cause": callback_field(callback, "Cause") or reported,
        }
    )
    return normalised(given, default=CALLBACK_FAILED)


def _merge_callback(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    callback = event.get("callback_result")
    if callback_failed(callback):
        action = statuses.FAILED
        bag["last_error"] = callback_error(callback)
    else:
        action = statuses.CONTINUE
        bag["state_s3_path"] = take_answer(bag, bag.get("state_s3_path"), callback, access)
        bag["last_hitp_response"] = answer_of(callback)
        bag["last_error"] = None
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    return {"state_data": finished, "next_action": action}
