"""ResumeChunkProcessing: a chunk of B goes on at the segment where it paused (Contract 8.2)."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.chunks.processing import process
from tasks.smart_statebag.chunks.request import read_resumption
from tasks.smart_statebag.chunks.tools import ChunkTools
from tasks.smart_statebag.segments.tools import LambdaContext


def lambda_handler(event: Json, context: LambdaContext | None = None) -> JsonObject:
    """Apply the answer and run the rest of the chunk.

    Returns:
        As ProcessSegmentChunk, over both calls.
    """
    return resume_chunk_processing(event, context)


def resume_chunk_processing(
    event: Json, context: LambdaContext | None = None, tools: ChunkTools | None = None
) -> JsonObject:
    """As the handler, with the tools to use."""
    return process(read_resumption(event), tools or ChunkTools(), context)
