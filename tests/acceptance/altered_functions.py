"""Functions of the Smart StateBag that, for workflows of certain names, are not as shipped."""

import random
import time
from typing import Any

from tasks.smart_statebag.execute_segment import lambda_handler as shipped_execute_segment
from tasks.smart_statebag.initialize_state_data import (
    lambda_handler as shipped_initialize_state_data,
)
from tasks.smart_statebag.process_segment_chunk import (
    lambda_handler as shipped_process_segment_chunk,
)

UNKNOWN_FIELD = "unknown-field"
"""The bag gets a field that the contract does not know."""
UNNUMBERED = "unnumbered"
"""One segment's result has nothing that orders it."""
RAISING_AGGREGATOR = "raising-aggregator"
"""The aggregator of a parallel group raises."""
DELAYED = "delayed"
"""Each chunk takes a random time."""

UNKNOWN = {"note": "of nobody's", "null": None}


class AggregatorBroke(Exception):
    """What the aggregator raises."""


def initialize_state_data(event: Any, context: Any) -> Any:
    """As shipped, or with a field more."""
    bag: Any = shipped_initialize_state_data(event, context)
    return {**bag, "someone_elses": UNKNOWN} if _workflow(event) == UNKNOWN_FIELD else bag


def execute_segment(event: Any, context: Any) -> Any:
    """As shipped, or raising, or without an order."""
    workflow = _workflow(event)
    if workflow == RAISING_AGGREGATOR and event.get("segment_type") == "aggregator":
        raise AggregatorBroke("no glue left")
    result: Any = shipped_execute_segment(event, context)
    if workflow == UNNUMBERED and event.get("segment_id") == 5:
        return {**result, "segment_id": None, "execution_order": None}
    return result


def process_segment_chunk(event: Any, context: Any) -> Any:
    """As shipped, or after a random time."""
    if _workflow(event) == DELAYED:
        time.sleep(random.uniform(0, 0.05))
    return shipped_process_segment_chunk(event, context)


def _workflow(event: Any) -> Any:
    holders = (event, event.get("state_data"), event.get("input"))
    return next((h["workflowId"] for h in holders if isinstance(h, dict) and "workflowId" in h), "")


ALTERED = {
    name: f"{__name__}:{handler}"
    for name, handler in {
        "InitializeStateData": "initialize_state_data",
        "ExecuteSegment": "execute_segment",
        "ProcessSegmentChunk": "process_segment_chunk",
    }.items()
}
"""What ``embedded_statebag`` takes."""
