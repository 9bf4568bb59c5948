"""``update_and_compress``: the legacy machines' one action (Contract 4.9)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.envelopes import compress, kind_of
from tasks.smart_statebag.bag.field_sets import COPIED_BY_DISTRIBUTED, COPIED_BY_STANDARD
from tasks.smart_statebag.bag.history import LEGACY_BOUNDS, LEGACY_OVERFLOW_BOUNDS, bounded
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.metric import Metric
from tasks.smart_statebag.bag.offloading import offload_until, slim_map_lists
from tasks.smart_statebag.bag.sizes import KB, payload_limit, size_of
from tasks.smart_statebag.bag.state_documents import MAIN, offload_state_fields
from tasks.smart_statebag.bag.statuses import SEQUENTIAL_BRANCH
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of, unwrapped
from tasks.smart_statebag.state_data_manager.finishing import reject_above, stamp_size
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult, segment_result
from tasks.smart_statebag.state_data_manager.taking_over import (
    history_of,
    logs_of,
    state_path_of,
    take_inner_map,
)

COUNTERS = {"max_loop_iterations": 100, "max_branch_iterations": 100, "loop_counter": 0}


def update_and_compress_state_data(
    event: JsonObject, tools: ActionTools | None = None
) -> JsonObject:
    """Take a result into the bag and shrink the bag below its limit.

    It neither deduplicates nor advances ``segment_to_run`` and ``loop_counter``: the Pass states
    of the legacy machines do that.

    Returns:
        The bag, flat.
    """
    return run_action("update_and_compress", _update_and_compress, event, tools)


def _update_and_compress(event: JsonObject, call: ActionCall) -> JsonObject:
    given = bag_of(event)
    bag: JsonObject = {**dict.fromkeys((*COPIED_BY_STANDARD, *COPIED_BY_DISTRIBUTED)), **given}
    access = call.open(given, cached=False)
    _take_result(bag, segment_result(unwrapped(event.get("execution_result"))), access)
    for name, default in COUNTERS.items():
        bag[name] = integer_or(bag.get(name), default)
    bag["last_update_time"] = int(access.clock.now())
    # Written before the bag is measured, since they count against the limit too.
    bag.update(compression_applied=False, s3_offloaded=False, last_optimization=access.now_iso())
    initial = stamp_size(bag)
    limit = payload_limit(event.get("max_payload_size_kb"))
    bag["s3_offloaded"] = _shrink(bag, limit, access)
    applied = size_of(bag) < initial
    bag["compression_applied"] = applied
    final = stamp_size(bag)
    reject_above(limit, final)
    _report(call, initial, final, applied=applied)
    return bag


def _take_result(bag: JsonObject, result: SegmentResult, access: BagAccess) -> None:
    before = bag.get("state_s3_path")
    path = state_path_of(result, bag, access, scope=MAIN)
    if path is not None:
        bag["state_s3_path"] = path
    # The pointer is authoritative (Contract 5.2): an older inline copy must not stay beside it.
    if result.inline_state is not None:
        bag["current_state"] = result.inline_state
    elif path is not None and path != before:
        bag["current_state"] = None
    bag["state_history"] = history_of(bag, access) + logs_of(result, access)
    if result.status == SEQUENTIAL_BRANCH and result.violation is None:
        take_inner_map(bag, result)


def _shrink(bag: JsonObject, limit: int, access: BagAccess) -> bool:
    """Offload, compress and archive as far as needed.

    Returns:
        Whether anything was written to S3.
    """
    history = bounded(history_of(bag, access), LEGACY_BOUNDS, access)
    offloaded = history != bag["state_history"]
    bag["state_history"] = history
    state = bag.get("current_state")
    if isinstance(state, dict) and kind_of(state) is None:
        bag["current_state"], slimmed = offload_state_fields(state, bag, access)
        offloaded = offloaded or slimmed
    if size_of(bag) > limit:
        offloaded = _shrink_below(bag, limit, access) or offloaded
    return offloaded


def _shrink_below(bag: JsonObject, limit: int, access: BagAccess) -> bool:
    history = bounded(history_of(bag, access), LEGACY_OVERFLOW_BOUNDS, access)
    archived = history != bag["state_history"]
    bag["state_history"] = history
    configuration = bag.get("workflow_config")
    if configuration is not None and kind_of(configuration) is None:
        bag["workflow_config"] = compress(configuration, compressed_at=access.now_iso())
    slimmed = size_of(bag) > limit and slim_map_lists(bag, access)
    return offload_until(bag, limit, access) or slimmed or archived


def _report(call: ActionCall, initial: int, final: int, *, applied: bool) -> None:
    """The four legacy metrics (Contract 4.10)."""
    for moment, size in (("Initial", initial), ("Final", final)):
        call.metrics.append(
            Metric(
                name="PayloadSizeKB",
                value=size / KB,
                unit="Kilobytes",
                dimension=("OptimizationType", moment),
            )
        )
    call.metrics.append(
        Metric(
            name="PayloadOptimization",
            value=1 if applied else 0,
            unit="Count",
            dimension=("OptimizationType", "Applied"),
        )
    )
    if initial > 0:
        saved = max(0.0, (initial - final) / initial * 100)
        call.metrics.append(Metric(name="CompressionRatio", value=saved, unit="Percent"))
