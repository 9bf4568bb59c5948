"""How the segments of an execution are run: one by one, in batches, or all at once (6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.partitioning import (
    Entry,
    count_segments,
    resource_limits,
    widest_group,
)
from tasks.smart_statebag.workflow.partitioning.entries import CONDITIONAL, HITP, LLM

SAFE, BATCHED, MAP_REDUCE = "SAFE", "BATCHED", "MAP_REDUCE"
STANDARD, DISTRIBUTED = "standard", "distributed"

MAX_GROUP_CONCURRENCY = 40
"""Items an inline Map runs at a time on AWS, whatever its MaxConcurrency."""
DISTRIBUTED_MODE_ABOVE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """``distributed_strategy`` and ``max_concurrency``, with the counts they rest on."""

    distributed_strategy: str
    max_concurrency: int
    llm_segments: int
    hitp_segments: int


def choose_strategy(
    partition_map: Sequence[Entry], *, machine: str, configured_concurrency: Json = None
) -> Strategy:
    """The first strategy whose condition holds; a configured concurrency lowers its value."""
    total = len(partition_map)
    llm = count_segments(partition_map, LLM)
    hitp = count_segments(partition_map, HITP)
    share = llm / total
    if hitp > 0 or total <= 10 or depends(partition_map) or (machine == STANDARD and total > 250):
        name, concurrency = SAFE, _group_concurrency(partition_map)
    elif total > 100 and share > 0.3:
        name, concurrency = MAP_REDUCE, 100
    else:
        name, concurrency = BATCHED, 10 if share > 0.5 else 20
    if isinstance(configured_concurrency, int) and not isinstance(configured_concurrency, bool):
        concurrency = max(1, min(concurrency, configured_concurrency))
    return Strategy(
        distributed_strategy=name,
        max_concurrency=concurrency,
        llm_segments=llm,
        hitp_segments=hitp,
    )


def depends(partition_map: Sequence[Entry]) -> bool:
    """Whether some entry depends on another one, or chooses what runs after it."""
    return any(
        entry["dependencies"] or entry["next_mode"] == CONDITIONAL for entry in partition_map
    )


def is_distributed(asked: Json, total_segments: int) -> bool:
    """``distributed_mode``: asked for, or more than 300 segments."""
    return asked in (True, "true") or total_segments > DISTRIBUTED_MODE_ABOVE


def _group_concurrency(partition_map: Sequence[Entry]) -> int:
    """The widest group within 1..40, lowered by the smallest ``max_concurrent_branches``."""
    widest = min(widest_group(partition_map), MAX_GROUP_CONCURRENCY)
    return max(1, min([widest, *resource_limits(partition_map)]))
