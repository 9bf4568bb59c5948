"""Folding the results of concurrent items, for both aggregations (Contract 4.9)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.aggregation import collect_logs, fold_items
from tasks.smart_statebag.bag.errors import MergeConflict
from tasks.smart_statebag.bag.failure_policy import fails, policy_error, policy_of
from tasks.smart_statebag.bag.failures import failure
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import (
    ItemKind,
    ResultItem,
    describe_failure,
    in_order,
    item_id,
    sample_of,
)
from tasks.smart_statebag.bag.state_documents import MERGE, write_state
from tasks.smart_statebag.state_data_manager.calls import ActionCall
from tasks.smart_statebag.state_data_manager.taking_over import merge_new_logs

NO_RESULTS = "NoResults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The words in which the bag and its errors speak of branches, or of chunks."""

    word: ItemKind
    failures_field: str
    policy_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Items in their order, how many failed, and the error if the whole failed."""

    items: list[ResultItem]
    failed: int
    conflicts: list[Json]
    error: JsonObject | None

    @property
    def summary(self) -> JsonObject:
        total = len(self.items)
        return {
            "total": total,
            "succeeded": total - self.failed,
            "failed": self.failed,
            "conflicts": self.conflicts,
        }


def aggregate_items(
    bag: JsonObject,
    items: list[ResultItem],
    kind: Kind,
    access: BagAccess,
    call: ActionCall,
    *,
    inline: bool,
) -> Outcome:
    """Fold the successes into the bag, merge all logs, list the failures, apply the policy."""
    items = put_in_order(items, call)
    failed = [item for item in items if not item.succeeded]
    error = policy_verdict(bag, items, kind)
    conflicts: list[Json] = []
    if len(failed) < len(items):
        try:
            conflicts = _fold(bag, items, access, inline=inline)
        except MergeConflict as conflict:
            conflicts = list(conflict.keys)
            error = error or failure("MergeConflict", str(conflict))
    logs = collect_logs(items, access, inline=inline)
    bag["state_history"] = merge_new_logs(bag, logs, access, call)
    list_failures(bag, failed, kind, access)
    return Outcome(items=items, failed=len(failed), conflicts=conflicts, error=error)


def put_in_order(items: list[ResultItem], call: ActionCall) -> list[ResultItem]:
    """The items in the order in which they count; a fallback to that of arrival is counted."""
    order = in_order(items)
    call.order_fallbacks += order.fell_back
    return order.items


def policy_verdict(bag: JsonObject, items: list[ResultItem], kind: Kind) -> JsonObject | None:
    """The error of the whole under the bag's failure policy, None if it is tolerated."""
    failed = [item for item in items if not item.succeeded]
    if not items:
        return failure(NO_RESULTS, "There are no results to aggregate")
    if not fails(policy_of(bag.get("failure_policy")), failed=len(failed), total=len(items)):
        return None
    return policy_error(
        kind.policy_error, [item_id(item, f"{kind.word}_id") for item in failed], len(items)
    )


def list_failures(bag: JsonObject, failed: list[ResultItem], kind: Kind, access: BagAccess) -> None:
    """Put the failures into the bag: a sample, and a pointer to all if there are more."""
    described: list[Json] = [describe_failure(item, kind.word) for item in failed]
    sample, path = sample_of(described, kind.failures_field, access)
    bag[kind.failures_field] = sample
    bag[f"{kind.failures_field}_s3_path"] = path


def _fold(
    bag: JsonObject, items: list[ResultItem], access: BagAccess, *, inline: bool
) -> list[Json]:
    folded = fold_items(
        bag.get("state_s3_path"),
        items,
        access,
        merge_policy=bag.get("merge_policy"),
        inline=inline,
    )
    bag["state_s3_path"] = write_state(folded.state, bag, access, scope=MERGE).path
    bag["current_state"] = None
    return list(folded.conflicts)
