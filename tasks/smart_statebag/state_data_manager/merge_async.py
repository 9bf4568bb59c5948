"""``merge_async``: the result of asynchronous LLM work goes into the bag (Contract 4.9)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import failure
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of, unwrapped
from tasks.smart_statebag.state_data_manager.finishing import finish
from tasks.smart_statebag.state_data_manager.routing import error_of, next_action
from tasks.smart_statebag.state_data_manager.segment_result import segment_result
from tasks.smart_statebag.state_data_manager.sync import take_result


def merge_async_result(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Treat the asynchronous result as ``sync`` treats a result; the loop counter stays.

    Returns:
        ``{state_data, next_action}``.
    """
    return run_action("merge_async", _merge_async, event, tools)


def _merge_async(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    bag["segment_to_run"] = integer_or(bag.get("segment_to_run"), 0)
    result = segment_result(unwrapped(event.get("async_result")))
    take_result(bag, result, access, call)
    action = next_action(result, bag)
    error: Json = error_of(result, action)
    if action == statuses.PAUSED_FOR_ASYNC_LLM:
        action = statuses.FAILED
        error = failure(statuses.INVALID_RESULT, "Asynchronous work returned PAUSED_FOR_ASYNC_LLM")
    bag["last_error"] = error
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    return {"state_data": finished, "next_action": action}
