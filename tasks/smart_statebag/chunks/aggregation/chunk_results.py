"""The results of B's chunks, which ran one after another (Contract 8.3)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.aggregation import collect_logs
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.envelopes import kind_of, pointer_in
from tasks.smart_statebag.bag.errors import CorruptEnvelope, PointerOutOfScope
from tasks.smart_statebag.bag.failure_policy import fails, policy_error, policy_of
from tasks.smart_statebag.bag.failures import failure
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.result_items import (
    ResultItem,
    describe_failure,
    in_order,
    item_id,
    result_item,
)
from tasks.smart_statebag.bag.result_writer import is_descriptor, read_results
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, size_of
from tasks.smart_statebag.bag.state_documents import MERGE
from tasks.smart_statebag.bag.statuses import FAILED, PAUSED, PAUSED_FOR_HITP, succeeded
from tasks.smart_statebag.chunks.aggregation.map_results import (
    COMPLETED,
    PARTIAL_SUCCESS,
    SHOWN_FAILURES,
)
from tasks.smart_statebag.chunks.aggregation.policies import policies_of
from tasks.smart_statebag.chunks.identity import identity_of
from tasks.smart_statebag.chunks.states import inline_or_wrapper, stored_document
from tasks.smart_statebag.chunks.tools import ChunkTools

LISTS = ("segment_results", "distributed_results", "branches")
NO_RESULTS = "NoResults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """The chunks' reports in their order."""

    items: list[ResultItem]

    @property
    def paused(self) -> list[ResultItem]:
        return [item for item in self.items if _is_paused(item)]

    @property
    def failed(self) -> list[ResultItem]:
        # A chunk may have no state of its own: only its status counts.
        return [item for item in self.items if not succeeded(item.status) and not _is_paused(item)]

    def verdict(self, policy: str) -> str:
        """The status of the whole."""
        failed = self.failed
        if fails(policy, failed=len(failed), total=len(self.items)):
            return FAILED
        if self.paused:
            return PAUSED_FOR_HITP
        return PARTIAL_SUCCESS if failed else COMPLETED


def aggregate_chunks(event: JsonObject, tools: ChunkTools) -> JsonObject:
    """The state of the last chunk, the logs and the failures of all.

    Returns:
        All keys of Contract 8.3; a list of chunks that is empty, missing or malformed is FAILED.
    """
    bag = event.get("state_data")
    fields: JsonObject = {**event, **(bag if isinstance(bag, dict) else {})}
    fields = {**fields, **identity_of(bag, event)}
    access = tools.access(fields)
    try:
        items = _items(event, access)
    except (CorruptEnvelope, PointerOutOfScope) as malformed:
        return _no_results(fields, access, str(malformed))
    if not items:
        return _no_results(fields, access, "the list of chunks is empty or missing")
    chunks = Chunks(items=in_order(items).items)
    status = chunks.verdict(policy_of(policies_of(fields, access)["failure_policy"]))
    error = _error(chunks) if status == FAILED else None
    return _result(status, chunks, _last_state(event, fields, chunks, access), access, error)


def _items(event: JsonObject, access: BagAccess) -> list[ResultItem]:
    results = event.get("distributed_results")
    path = event.get("distributed_results_s3_path")
    if results is None and path is not None:
        results = access.hydrator.load_afresh(path)
    if isinstance(results, dict) and is_descriptor(results):
        return read_results(results, access.hydrator)
    if isinstance(results, dict):
        results = next((results[name] for name in LISTS if results.get(name) is not None), None)
    if not isinstance(results, list | None):
        raise CorruptEnvelope("distributed_results", "is not a list")
    return [result_item(raw) for raw in results or []]


def _last_state(
    event: JsonObject, fields: JsonObject, chunks: Chunks, access: BagAccess
) -> tuple[Json, str | None]:
    """The state of the last chunk that left one, else the one before all chunks."""
    inline_first = event.get("use_s3_results") is False
    for item in reversed(chunks.items):
        inline, path = item.inline_state, item.state_path
        if inline is not None and (path is None or inline_first) and kind_of(inline) is None:
            return inline, path
        if inline is not None and path is None:
            path = pointer_in("wrapper", inline) if kind_of(inline) == "wrapper" else None
        if path is not None:
            return inline_or_wrapper(*stored_document(path, access)), path
    before = fields.get("state_s3_path")
    return None, before if isinstance(before, str) else None


def _result(
    status: str,
    chunks: Chunks,
    state: tuple[Json, str | None],
    access: BagAccess,
    error: JsonObject | None,
) -> JsonObject:
    total, failed, paused = len(chunks.items), chunks.failed, chunks.paused
    counts = {
        "total_segments_processed": sum(map(_processed, chunks.items)),
        "total_chunks": total,
        "successful_chunks": total - len(failed) - len(paused),
        "failed_chunks": len(failed),
        "paused_chunks": len(paused),
    }
    details: list[Json] = [describe_failure(item, "chunk") for item in failed[:SHOWN_FAILURES]]
    return {
        "status": status,
        "final_state": state[0],
        "final_state_s3_path": state[1],
        **_logs(chunks, access),
        "error_info": error,
        **counts,
        "execution_summary": {**counts, "status": status},
        "failed_chunk_details": details,
        "error": error["Cause"] if error else None,
    }


def _logs(chunks: Chunks, access: BagAccess) -> JsonObject:
    """The entries of all chunks, above 30 KB in S3."""
    logs = collect_logs(chunks.items, access, inline=True)
    if size_of(logs) <= FIELD_LIMIT:
        return {"new_history_logs": logs, "logs_s3_path": None}
    written = access.write(access.keys.logs(MERGE), logs)
    return {"new_history_logs": [], "logs_s3_path": written.path}


def _no_results(fields: JsonObject, access: BagAccess, reason: str) -> JsonObject:
    error = failure(NO_RESULTS, f"No distributed results: {reason}")
    path = fields.get("state_s3_path")
    state = (None, path if isinstance(path, str) else None)
    return _result(FAILED, Chunks(items=[]), state, access, error)


def _error(chunks: Chunks) -> JsonObject:
    names = [item_id(item, "chunk_id") for item in chunks.failed]
    return policy_error("ChunksFailed", names, len(chunks.items))


def _is_paused(item: ResultItem) -> bool:
    return isinstance(item.status, str) and item.status in PAUSED


def _processed(item: ResultItem) -> int:
    counts = (item.fields.get(name) for name in ("processed_segments", "segments_processed"))
    return next((integer_or(count, 0) for count in counts if count is not None), 0)
