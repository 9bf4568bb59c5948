"""``sync``: a segment's result goes into the bag (Contract 4.6)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.envelopes import kind_of
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.state_documents import MAIN
from tasks.smart_statebag.bag.statuses import PARALLEL_WORDS
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of, unwrapped
from tasks.smart_statebag.state_data_manager.finishing import finish
from tasks.smart_statebag.state_data_manager.routing import error_of, next_action
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult, segment_result
from tasks.smart_statebag.state_data_manager.taking_over import (
    logs_of,
    merge_new_logs,
    state_path_of,
    take_position,
)


def sync_state_data(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Take a segment's result into the bag and choose the next action.

    Returns:
        ``{state_data, next_action}``.
    """
    return run_action("sync", _sync, event, tools)


def take_result(
    bag: JsonObject, result: SegmentResult, access: BagAccess, call: ActionCall
) -> None:
    """The effects on the bag that ``sync`` and ``merge_async`` share."""
    path = state_path_of(result, bag, access, scope=MAIN)
    if path is not None:
        bag["state_s3_path"] = path
    bag["current_state"] = None
    bag["state_history"] = merge_new_logs(bag, logs_of(result, access), access, call)
    bag["state_durations"] = _durations(bag, result, access)
    take_position(bag, result)
    if result.status in PARALLEL_WORDS and result.violation is None:
        bag["pending_branches"] = result.branches
        bag["join_segment"] = result.join_segment


def _sync(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    bag["segment_to_run"] = integer_or(bag.get("segment_to_run"), 0)
    result = segment_result(unwrapped(event.get("execution_result")))
    take_result(bag, result, access, call)
    bag["loop_counter"] = integer_or(bag.get("loop_counter"), 0) + 1
    action = next_action(result, bag)
    bag["last_error"] = error_of(result, action)
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    return {"state_data": finished, "next_action": action}


def _durations(bag: JsonObject, result: SegmentResult, access: BagAccess) -> JsonObject:
    known: Json = bag.get("state_durations")
    if result.segment_id is None or result.execution_time is None:
        return known if isinstance(known, dict) else {}
    if kind_of(known) is not None:
        known = access.hydrator.hydrate(known)
    durations = dict(known) if isinstance(known, dict) else {}
    durations[str(result.segment_id)] = result.execution_time
    return durations
