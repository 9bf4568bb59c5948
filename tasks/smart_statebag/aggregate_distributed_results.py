"""AggregateDistributedResults, in A also AggregateResults (Contract 8.3)."""

from collections.abc import Callable
from typing import Any

from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.chunks.aggregation.chunk_results import aggregate_chunks
from tasks.smart_statebag.chunks.aggregation.map_results import aggregate_map_results
from tasks.smart_statebag.chunks.tools import ChunkTools

Aggregate = Callable[[JsonObject, ChunkTools], JsonObject]

MODES: dict[Json, Aggregate] = {
    "MAP_REDUCE": lambda event, tools: aggregate_map_results(event, "map_results", tools),
    "BATCHED": lambda event, tools: aggregate_map_results(event, "batch_results", tools),
    None: aggregate_chunks,
}
"""By ``execution_mode``; without one, the results are those of chunks."""


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Aggregate the results of chunks, or of a strategy Map's items.

    Returns:
        All keys of Contract 8.3 for the mode.
    """
    return aggregate_distributed_results(event)


def aggregate_distributed_results(event: Json, tools: ChunkTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        AggregationFailed: A strategy Map's results are empty or beyond the failure policy.
        InvalidInput: There is no such mode.
    """
    if not isinstance(event, dict):
        raise InvalidInput("event", "must be an object")
    mode = event.get("execution_mode") or None
    aggregate = MODES.get(mode) if isinstance(mode, str | None) else None
    if aggregate is None:
        raise InvalidInput("execution_mode", f"is {mode!r}, which is not a mode")
    return aggregate(event, tools or ChunkTools())
