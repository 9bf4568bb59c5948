"""One call about a chunk, from the request to the report."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.chunks.progress import progress_after
from tasks.smart_statebag.chunks.records import read_record, results_in
from tasks.smart_statebag.chunks.report import report
from tasks.smart_statebag.chunks.request import ChunkRequest
from tasks.smart_statebag.chunks.runner import ChunkRunner
from tasks.smart_statebag.chunks.tools import ChunkTools
from tasks.smart_statebag.segments.tools import LambdaContext


def process(request: ChunkRequest, tools: ChunkTools, context: LambdaContext | None) -> JsonObject:
    """Run the chunk or the rest of it, and report."""
    began = tools.clock.monotonic()
    access = request.access(tools)
    record = read_record(request.chunk.chunk_id, access) if request.previous else None
    progress = progress_after(
        request.previous,
        results_in(record),
        state_path=request.state_path,
        place=request.first,
    )
    ChunkRunner(request=request, access=access, tools=tools, context=context).run(progress)
    return report(request, progress, access, seconds=tools.clock.monotonic() - began)
