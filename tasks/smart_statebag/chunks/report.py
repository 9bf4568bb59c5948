"""ProcessSegmentChunk's response, and the record it writes (Contract 8.2)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import wrapper
from tasks.smart_statebag.bag.errors import StateBagError
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.ordering import number_of
from tasks.smart_statebag.chunks.progress import Progress
from tasks.smart_statebag.chunks.records import write_record
from tasks.smart_statebag.chunks.request import ChunkRequest

SHOWN_RESULTS = 100


def report(
    request: ChunkRequest, progress: Progress, access: BagAccess, *, seconds: float
) -> JsonObject:
    """Write the chunk's state and record.

    Returns:
        The response: as the record, but with few or no results of single segments.
    """
    chunk = request.chunk
    final_state = _chunk_state(request, progress, access)
    path = final_state["__s3_path"] if final_state else progress.state_path
    duration = round(seconds + (number_of(request.previous.get("execution_time")) or 0), 3)
    record: JsonObject = {
        "chunk_id": chunk.chunk_id,
        "chunk_index": chunk.index,
        "execution_order": chunk.order,
        "status": progress.status,
        "processed_segments": progress.processed,
        "segments_processed": progress.processed,
        "failed_segments": progress.failed,
        "final_state": final_state,
        "final_state_s3_path": path,
        "result_s3_path": path,
        "logs_s3_path": progress.logs_path,
        "next_segment": progress.place,
        "paused_segment_id": progress.paused,
        "execution_time": duration,
        "execution_summary": {
            "segment_count": chunk.segment_count,
            "processed": progress.processed,
            "failed": progress.failed,
            "execution_time": duration,
        },
        "chunk_results": list(progress.results),
        # B reads the error of a chunk that ran from its type; D keeps the whole pair.
        "error": progress.error if request.independent or not progress.started else None,
        "error_type": progress.error["Error"] if progress.error else None,
    }
    write_record(chunk.chunk_id, record, access)
    return {**record, "chunk_results": _shown(request, progress)}


def _shown(request: ChunkRequest, progress: Progress) -> list[Json]:
    return [] if request.independent else progress.results[:SHOWN_RESULTS]


def _chunk_state(request: ChunkRequest, progress: Progress, access: BagAccess) -> JsonObject | None:
    """The wrapper of the chunk's own copy of its state; None if it cannot be read."""
    if progress.state_path is None:
        return None
    try:
        state = access.hydrator.load_object(progress.state_path)
    except StateBagError as error:
        if error.retryable or progress.started:
            raise
        return None  # the chunk did not start for this reason
    return wrapper(access.write(access.keys.chunk_states(request.chunk.chunk_id), state))
