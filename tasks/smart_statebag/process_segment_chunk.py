"""ProcessSegmentChunk: runs a chunk, of B (shape B) or of D (shape D) (Contract 8.2)."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.chunks.processing import process
from tasks.smart_statebag.chunks.request import read_request
from tasks.smart_statebag.chunks.tools import ChunkTools
from tasks.smart_statebag.segments.tools import LambdaContext


def lambda_handler(event: Json, context: LambdaContext | None = None) -> JsonObject:
    """Run the segments of a chunk in this process.

    Returns:
        All keys of Contract 8.2.
    """
    return process_segment_chunk(event, context)


def process_segment_chunk(
    event: Json, context: LambdaContext | None = None, tools: ChunkTools | None = None
) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        InvalidInput: ``chunk_id``, ``chunk_index`` or the range of the chunk is missing.
        StateBagError: Storage failed; the chunk may be run again from its beginning.
    """
    tools = tools or ChunkTools()
    return process(read_request(event, tools), tools, context)
