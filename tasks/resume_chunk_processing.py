"""ResumeChunkProcessing: a chunk of B goes on at the segment where it paused (Contract 8.2)."""

from tasks.bag.json_value import Json, JsonObject
from tasks.chunks.processing import process
from tasks.chunks.request import read_resumption
from tasks.chunks.tools import ChunkTools
from tasks.segments.tools import LambdaContext


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
