"""``aggregate_distributed``: the results of chunks or Map items become one state (Contract 4.9)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.failures import normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import POINTER, parse_pointer
from tasks.smart_statebag.bag.result_items import (
    ResultItem,
    item_id,
    result_item,
)
from tasks.smart_statebag.bag.result_writer import is_descriptor, read_results
from tasks.smart_statebag.state_data_manager.aggregating import (
    Kind,
    Outcome,
    aggregate_items,
    list_failures,
    put_in_order,
)
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.create_snapshot import POST, take_snapshot
from tasks.smart_statebag.state_data_manager.event_fields import bag_of, unwrapped
from tasks.smart_statebag.state_data_manager.finishing import finish

CHUNKS = Kind(word="chunk", failures_field="failed_chunks", policy_error="ChunksFailed")
LISTS = ("segment_results", "branches", "distributed_results")
SHOWN_CHUNKS = 10


def aggregate_distributed_results(
    event: JsonObject, tools: ActionTools | None = None
) -> JsonObject:
    """Fold the states of a distributed Map's items (or of a strategy Map's).

    Returns:
        ``{state_data, final_status, next_action, failed_chunks, post_snapshot}``.
    """
    return run_action("aggregate_distributed", _aggregate_distributed, event, tools)


def _aggregate_distributed(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    _take_pre_snapshot(bag, event.get("pre_snapshot"))
    outcome = _outcome(bag, event, access, call)
    bag["last_error"] = outcome.error
    bag["distributed_chunk_summary"] = {**outcome.summary, "chunk_results": _shown(outcome.items)}
    final_status = _final_status(outcome)
    post_snapshot: JsonObject | None = None
    if event.get("create_post_snapshot") is True and final_status != statuses.FAILED:
        post_snapshot = take_snapshot(bag, POST, bag.get("execution_id"), access)
        bag["post_snapshot_s3_path"] = post_snapshot["snapshot_s3_path"]
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    failed = final_status == statuses.FAILED
    return {
        "state_data": finished,
        "final_status": final_status,
        "next_action": statuses.FAILED if failed else statuses.COMPLETE,
        "failed_chunks": finished["failed_chunks"],
        "post_snapshot": post_snapshot,
    }


def _outcome(bag: JsonObject, event: JsonObject, access: BagAccess, call: ActionCall) -> Outcome:
    results = _results(event)
    map_error = event.get("map_error")
    if map_error is not None:
        items = _items(results, access) or _records(event.get("result_prefix"), access)
        return _failed_map(bag, items, map_error, access, call)
    inline = event.get("use_s3_results") is False
    items = _items(results, access)
    return aggregate_items(bag, items, CHUNKS, access, call, inline=inline)


def _failed_map(
    bag: JsonObject,
    items: list[ResultItem],
    map_error: Json,
    access: BagAccess,
    call: ActionCall,
) -> Outcome:
    """The Map itself failed: its items' reports fill the summary, the state stays."""
    items = put_in_order(items, call)
    failed = [item for item in items if not item.succeeded]
    list_failures(bag, failed, CHUNKS, access)
    error = normalised(map_error, default="MapExecutionFailed")
    return Outcome(items=items, failed=len(failed), conflicts=[], error=error)


def _results(event: JsonObject) -> Json:
    given = (event.get(name) for name in ("distributed_results", "execution_result"))
    return next((unwrapped(value) for value in given if value is not None), None)


def _items(results: Json, access: BagAccess) -> list[ResultItem]:
    if isinstance(results, dict) and is_descriptor(results):
        return read_results(results, access.hydrator)
    if isinstance(results, dict):
        results = next((results[name] for name in LISTS if results.get(name) is not None), None)
    return [result_item(raw) for raw in results] if isinstance(results, list) else []


def _records(result_prefix: Json, access: BagAccess) -> list[ResultItem]:
    """The chunk records directly below a prefix; chunk states lie one level deeper."""
    if not isinstance(result_prefix, str) or not result_prefix:
        return []
    whole = result_prefix if POINTER.fullmatch(result_prefix) else None
    directory = f"{(whole or access.storage.pointer(result_prefix)).rstrip('/')}/"
    prefix = access.hydrator.in_scope(directory)
    return [
        result_item(access.hydrator.load_afresh(pointer))
        for pointer in access.storage.list_pointers(parse_pointer(prefix).key)
        if "/" not in pointer.removeprefix(prefix)
    ]


def _take_pre_snapshot(bag: JsonObject, pre_snapshot: Json) -> None:
    path = pre_snapshot.get("snapshot_s3_path") if isinstance(pre_snapshot, dict) else pre_snapshot
    if isinstance(path, str) and path:
        bag["pre_snapshot_s3_path"] = path


def _final_status(outcome: Outcome) -> str:
    if outcome.error is not None:
        return statuses.FAILED
    return statuses.PARTIAL_FAILURE if outcome.failed else statuses.COMPLETE


def _shown(items: list[ResultItem]) -> list[Json]:
    return [
        {
            "chunk_id": item_id(item, "chunk_id"),
            "chunk_index": item.fields.get("chunk_index"),
            "status": item.status,
            "result_s3_path": item.state_path,
        }
        for item in items[:SHOWN_CHUNKS]
    ]
