"""``sync_branch``: a segment's result goes into the state of a branch of C (Contract 4.6)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.failures import brief
from tasks.smart_statebag.bag.history import deduplicate
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import branch_scope
from tasks.smart_statebag.bag.offloading import offload_large_fields
from tasks.smart_statebag.bag.sizes import size_of
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import required_object, unwrapped
from tasks.smart_statebag.state_data_manager.merge_callback import (
    callback_error,
    callback_failed,
    take_answer,
)
from tasks.smart_statebag.state_data_manager.routing import error_of, is_past_end, next_action
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult, segment_result
from tasks.smart_statebag.state_data_manager.taking_over import state_path_of, take_position

NOT_IN_A_BRANCH = frozenset({statuses.PARALLEL_GROUP, statuses.PAUSED_FOR_ASYNC_LLM})


def sync_branch_state(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Take a segment's result, or the answer it waited for, into the branch state.

    Returns:
        ``{branch_state, next_action}``.
    """
    return run_action("sync_branch", _sync_branch, event, tools)


def _sync_branch(event: JsonObject, call: ActionCall) -> JsonObject:
    branch = required_object(event, "branch_state")
    inner = branch.get("state_data")
    bag = branch if not isinstance(inner, dict) else dict(inner)
    if bag is not branch:
        branch["state_data"] = bag
    access = call.open(bag)
    branch["segment_to_run"] = integer_or(branch.get("segment_to_run"), 0)
    raw = unwrapped(event.get("execution_result"))
    resume = isinstance(raw, dict) and raw.get("status") == statuses.RESUMED
    if resume and isinstance(raw, dict):
        action, error = _resume(branch, bag, raw.get("callback_result"), access)
    else:
        action, error = _take(branch, bag, segment_result(raw), access, call)
    branch["loop_counter"] = integer_or(branch.get("loop_counter"), 0) + 1
    branch["status"] = action
    if error is not None:
        branch["error_info"] = brief(error)
    offload_large_fields(branch, access)
    call.report_v3(size_of(branch))
    return {"branch_state": branch, "next_action": action}


def _resume(
    branch: JsonObject, bag: JsonObject, callback: Json, access: BagAccess
) -> tuple[str, Json]:
    if callback_failed(callback):
        return statuses.FAILED, callback_error(callback)
    bag["state_s3_path"] = take_answer(branch, bag.get("state_s3_path"), callback, access)
    return statuses.CONTINUE, None


def _take(
    branch: JsonObject,
    bag: JsonObject,
    result: SegmentResult,
    access: BagAccess,
    call: ActionCall,
) -> tuple[str, Json]:
    scope = branch_scope(bag.get("group_loop"), branch.get("branch_id"))
    path = state_path_of(result, branch, access, scope=scope)
    if path is not None:
        bag["state_s3_path"] = path
    _take_logs(branch, result, scope, access, call)
    take_position(branch, result)
    action = next_action(result, branch)
    if action in NOT_IN_A_BRANCH:
        return statuses.FAILED, _not_in_a_branch(action)
    return _branch_action(action, branch), error_of(result, action)


def _branch_action(action: str, branch: JsonObject) -> str:
    if action == statuses.SEQUENTIAL_BRANCH:
        return statuses.COMPLETE if is_past_end(branch) else statuses.CONTINUE
    return statuses.PAUSED_FOR_HITP if action in statuses.PAUSED else action


def _take_logs(
    branch: JsonObject,
    result: SegmentResult,
    scope: str,
    access: BagAccess,
    call: ActionCall,
) -> None:
    """A result's pointer, being cumulative, replaces the known one; inline entries are appended."""
    if result.logs_path is not None:
        branch["logs_s3_path"] = result.logs_path
    elif result.logs:
        known = branch.get("logs_s3_path")
        before = [] if known is None else access.hydrator.load_list(known)
        whole = deduplicate(before, result.logs)
        call.duplicates_removed += len(before) + len(result.logs) - len(whole)
        branch["logs_s3_path"] = access.write(access.keys.logs(scope), whole).path


def _not_in_a_branch(action: str) -> JsonObject:
    return {"Error": statuses.INVALID_RESULT, "Cause": f"{action} inside a branch"}
