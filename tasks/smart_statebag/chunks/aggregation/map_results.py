"""The results of A's strategy Maps (Contract 8.3)."""

from tasks.smart_statebag.bag.aggregation import fold_items
from tasks.smart_statebag.bag.errors import AggregationFailed, MergeConflict
from tasks.smart_statebag.bag.failure_policy import fails, policy_error, policy_of
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import (
    describe_failure,
    in_order,
    item_id,
    result_item,
)
from tasks.smart_statebag.bag.state_documents import MERGE, write_state
from tasks.smart_statebag.chunks.aggregation.policies import policies_of
from tasks.smart_statebag.chunks.identity import identity_of
from tasks.smart_statebag.chunks.states import inline_or_wrapper
from tasks.smart_statebag.chunks.tools import ChunkTools

COMPLETED, PARTIAL_SUCCESS = "COMPLETED", "PARTIAL_SUCCESS"
SHOWN_FAILURES = 5


def aggregate_map_results(event: JsonObject, field: str, tools: ChunkTools) -> JsonObject:
    """Fold the states of the items over the state they all began with.

    Returns:
        ``{status, final_state, final_state_s3_path, execution_summary}``.

    Raises:
        AggregationFailed: There are no results, too many failed, or they conflict.
    """
    bag = {**event, **identity_of(event)}
    access = tools.access(bag)
    items = in_order([result_item(raw) for raw in _list(event.get(field))]).items
    failed = [item for item in items if not item.succeeded]
    if not items:
        raise AggregationFailed("There are no results to aggregate")
    policies = policies_of(event, access)
    policy = policy_of(policies["failure_policy"])
    if fails(policy, failed=len(failed), total=len(items)):
        names = [item_id(item, "segment_id") for item in failed]
        cause = str(policy_error("ChunksFailed", names, len(items))["Cause"])
        raise AggregationFailed(cause, total=len(items), failed=len(failed))
    try:
        folded = fold_items(
            event.get("state_s3_path"),
            items,
            access,
            merge_policy=policies["merge_policy"],
            inline=False,
        )
    except MergeConflict as conflict:
        raise AggregationFailed(str(conflict), total=len(items), failed=len(failed)) from conflict
    written = write_state(folded.state, bag, access, scope=MERGE)
    failures: list[Json] = [describe_failure(item, "chunk") for item in failed[:SHOWN_FAILURES]]
    return {
        "status": PARTIAL_SUCCESS if failed else COMPLETED,
        "final_state": inline_or_wrapper(folded.state, written),
        "final_state_s3_path": written.path,
        "execution_summary": {
            "total": len(items),
            "succeeded": len(items) - len(failed),
            "failed": len(failed),
            "conflicts": list(folded.conflicts),
            "failures": failures,
        },
    }


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
