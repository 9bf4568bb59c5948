"""``aggregate_branches``: the results of a parallel group become one state (Contract 4.9)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.failures import normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_integer
from tasks.smart_statebag.bag.result_items import result_item
from tasks.smart_statebag.state_data_manager.aggregating import Kind, aggregate_items
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of, unwrapped
from tasks.smart_statebag.state_data_manager.finishing import finish
from tasks.smart_statebag.state_data_manager.routing import is_past_end

BRANCHES = Kind(word="branch", failures_field="failed_branches", policy_error="BranchesFailed")


def aggregate_branches(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Fold the states of a group's branches and continue after the group.

    Returns:
        ``{state_data, next_action}``.
    """
    return run_action("aggregate_branches", _aggregate_branches, event, tools)


def _aggregate_branches(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    bag["pending_branches"] = []
    map_error = event.get("map_error")
    if map_error is not None:
        bag["last_error"] = normalised(map_error, default="MapExecutionFailed")
        action = statuses.FAILED
    else:
        inline = event.get("load_from_s3") is not True
        items = [result_item(raw) for raw in _results(event)]
        outcome = aggregate_items(bag, items, BRANCHES, access, call, inline=inline)
        bag["branch_summary"] = outcome.summary
        behind = _leave_group(bag)
        action = behind if outcome.error is None else statuses.FAILED
        bag["last_error"] = outcome.error
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    return {"state_data": finished, "next_action": action}


def _leave_group(bag: JsonObject) -> str:
    join = bag.get("join_segment")
    bag["join_segment"] = None
    if not is_integer(join):
        return statuses.COMPLETE
    bag["segment_to_run"] = join
    return statuses.COMPLETE if is_past_end(bag) else statuses.CONTINUE


def _results(event: JsonObject) -> list[Json]:
    for name in ("branch_pointers", "parallel_results"):
        results = unwrapped(event.get(name))
        if isinstance(results, dict):
            results = results.get("branches")
        if isinstance(results, list):
            return results
    return []
