"""The aggregator calls of the legacy machines: branches into one state, uncached (5.8)."""

from dataclasses import replace

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.aggregation import collect_logs, fold_items
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.errors import MergeConflict
from tasks.smart_statebag.bag.failure_policy import fails, policy_of
from tasks.smart_statebag.bag.failures import brief, normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import ResultItem, in_order, item_id, result_item
from tasks.smart_statebag.segments.loading import Loader
from tasks.smart_statebag.segments.request import SegmentRequest
from tasks.smart_statebag.segments.response import Answer, failing, unchanged, written_document
from tasks.smart_statebag.workflow.branch_results import branches_failed
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.partitioning.splice import join_of

MAP_FAILED = "MapExecutionFailed"
NO_RESULTS = "NoResults"


def aggregate(request: SegmentRequest, loader: Loader, access: BagAccess) -> Answer:
    """Fold the branches of the group at ``segment_to_run`` and go on at its join."""
    base = loader.state()
    place = integer_or(request.get("segment_to_run"), 0)
    start = Answer(
        status=statuses.CONTINUE,
        segment_type="aggregator",
        document=unchanged(request, base, access),
        segment_id=place,
        total_segments=loader.total_segments(),
    )
    map_error = request.get("map_error")
    if map_error is not None:
        return failing(start, _error_of_map(map_error))
    items = in_order([result_item(each) for each in _results(request)]).items
    logs = collect_logs(items, access, inline=True)
    start = replace(start, entries=tuple(entry for entry in logs if isinstance(entry, dict)))
    error = _verdict(items, loader)
    if error is not None:
        return failing(start, error)
    return _folded(start, items, request, loader, access)


def _folded(
    start: Answer,
    items: list[ResultItem],
    request: SegmentRequest,
    loader: Loader,
    access: BagAccess,
) -> Answer:
    try:
        folded = fold_items(
            start.document.written.path,
            items,
            access,
            merge_policy=loader.policy("merge_policy"),
            inline=False,
        )
    except MergeConflict as conflict:
        return failing(start, ErrorInfo(error_type="MergeConflict", error=str(conflict)))
    place = integer_or(request.get("segment_to_run"), 0)
    join = join_of(loader.partition_map, place)
    state = without_reserved(folded.state) if join is None else folded.state
    failed = [item for item in items if not item.succeeded]
    return replace(
        start,
        status=statuses.COMPLETE if join is None else statuses.CONTINUE,
        document=written_document(request, state, access, place),
        next_segment=join,
        error=branches_failed([*map(_branch_error, failed)], len(items)) if failed else None,
    )


def _results(request: SegmentRequest) -> list[Json]:
    results = request.get("parallel_results")
    if isinstance(results, dict):
        results = results.get("parallel_results") or results.get("branches")
    return results if isinstance(results, list) else []


def _verdict(items: list[ResultItem], loader: Loader) -> ErrorInfo | None:
    if not items:
        return ErrorInfo(error_type=NO_RESULTS, error="There are no results to aggregate")
    failed = [item for item in items if not item.succeeded]
    policy = policy_of(loader.policy("failure_policy"))
    if not fails(policy, failed=len(failed), total=len(items)):
        return None
    return branches_failed([*map(_branch_error, failed)], len(items))


def _branch_error(item: ResultItem) -> JsonObject:
    reported = item.fields.get("error_info")
    named: JsonObject = {"branch_id": item_id(item, "branch_id")}
    return {**named, **brief(reported, default=item.error_type or "UnknownError")}


def _error_of_map(map_error: Json) -> ErrorInfo:
    original = normalised(map_error)
    cause = f"{original['Error']}: {original['Cause']}"
    return ErrorInfo(error_type=MAP_FAILED, error=cause)
