"""LoadLatestState: the state a chunk of B begins with (Contract 8.2)."""

from typing import Any

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import as_integer, integer_or
from tasks.smart_statebag.bag.errors import ChunkContinuityError, InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.statuses import succeeded
from tasks.smart_statebag.chunks.chunk import Chunk, chunk_id_of, read_chunk
from tasks.smart_statebag.chunks.identity import identity_of
from tasks.smart_statebag.chunks.records import read_latest, read_record, results_in
from tasks.smart_statebag.chunks.states import wrapper_of
from tasks.smart_statebag.chunks.tools import ChunkTools


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Chunk 0 begins with the initial state, every other with that of the chunk before it.

    Returns:
        ``{previous_state, latest_segment_id, next_segment, state_loaded, total_segments}``;
        ``state_loaded`` tells whether the state comes from a chunk.
    """
    return load_latest_state(event)


def load_latest_state(event: Json, tools: ChunkTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        ChunkContinuityError: The previous chunk did not succeed.
    """
    fields = event if isinstance(event, dict) else {}
    chunk = read_chunk(fields.get("chunk_data"), fields.get("chunk_index"))
    access = (tools or ChunkTools()).access(identity_of(fields, fields.get("chunk_data")))
    total = integer_or(fields.get("total_segments"), chunk.end + 1)
    if chunk.index == 0:
        return _initial(chunk, fields, total, access)
    record = _record_before(chunk, access)
    latest = _latest_before(chunk, access)
    results = results_in(record)
    last = results[-1] if results else None
    following = as_integer(latest.get("next_segment"))
    return {
        "previous_state": wrapper_of(latest.get("state_s3_path"), access),
        "latest_segment_id": last.get("segment_index") if isinstance(last, dict) else None,
        # Without a next segment the workflow has ended, and later chunks have nothing to run.
        "next_segment": total if following is None else following,
        "state_loaded": True,
        "total_segments": total,
    }


def _initial(chunk: Chunk, fields: JsonObject, total: int, access: BagAccess) -> JsonObject:
    if fields.get("state_s3_path") is None:
        raise InvalidInput("state_s3_path")
    return {
        "previous_state": wrapper_of(fields["state_s3_path"], access),
        "latest_segment_id": None,
        "next_segment": chunk.start,
        "state_loaded": False,
        "total_segments": total,
    }


def _record_before(chunk: Chunk, access: BagAccess) -> JsonObject:
    before = chunk_id_of(chunk.index - 1)
    record = read_record(before, access)
    if record is None:
        raise ChunkContinuityError(chunk.chunk_id, f"{before} left no record")
    if not succeeded(record.get("status")):
        reason = f"{before} ended with the status {record.get('status')}"
        raise ChunkContinuityError(chunk.chunk_id, reason)
    return record


def _latest_before(chunk: Chunk, access: BagAccess) -> JsonObject:
    latest = read_latest(access)
    if latest is None or latest.get("chunk_index") != chunk.index - 1:
        reason = f"the latest state is not that of {chunk_id_of(chunk.index - 1)}"
        raise ChunkContinuityError(chunk.chunk_id, reason)
    return latest
