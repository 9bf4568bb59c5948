"""Folding the reports of items: states over their base, logs in order (Contract 4.9)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.errors import CorruptEnvelope
from tasks.smart_statebag.bag.folding import Changes, Folded, changes, merge_changes
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import ResultItem


def fold_items(
    base_path: Json,
    items: list[ResultItem],
    access: BagAccess,
    *,
    merge_policy: Json,
    inline: bool,
) -> Folded:
    """Fold the states of the successes among items, given in their order, over their base.

    Only the changes of each item are held, so the memory does not grow with the shared state.

    Args:
        base_path: The document all items started from.
        inline: Whether an inline state comes before a pointer.

    Raises:
        MergeConflict: The policy is ``error`` and several items changed a key differently.
    """
    base: JsonObject = _load_base(base_path, access)
    changed: list[Changes] = []
    for item in items:
        if item.succeeded:
            # Read for each item (Contract 4.7): a v3 call site finds it in the cache.
            started_from = _load_base(base_path, access) if changed else base
            changed.append(changes(started_from, _load_state(item, access, inline=inline)))
    return merge_changes(base, changed, merge_policy)


def collect_logs(items: list[ResultItem], access: BagAccess, *, inline: bool) -> list[Json]:
    """The log entries of all items, failed ones too, by item then position."""
    entries: list[Json] = []
    for item in items:
        if item.logs_path is not None:
            entries += access.hydrator.load_list(item.logs_path)
        if inline:
            entries += item.inline_logs
    return entries


def _load_base(base_path: Json, access: BagAccess) -> JsonObject:
    return {} if base_path is None else access.hydrator.load_object(base_path)


def _load_state(item: ResultItem, access: BagAccess, *, inline: bool) -> JsonObject:
    state = item.inline_state
    if item.state_path is not None and not (inline and state is not None):
        return access.hydrator.load_object(item.state_path)
    whole = access.hydrator.hydrate(state)
    if not isinstance(whole, dict):
        raise CorruptEnvelope("final_state", "the document is not an object")
    return whole
