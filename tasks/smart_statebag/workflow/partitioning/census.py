"""Counting through all levels of a partition map."""

from collections.abc import Iterable, Iterator

from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.partitioning.entries import Entry, branches_of


def every_entry(partition_map: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a map and of every map within it."""
    for entry in partition_map:
        yield entry
        for branch in branches_of(entry):
            yield from every_entry(objects(branch.get("partition_map")))


def count_segments(partition_map: Iterable[Entry], entry_type: str) -> int:
    """Entries of a type, through all levels."""
    return sum(entry["type"] == entry_type for entry in every_entry(partition_map))


def widest_group(partition_map: Iterable[Entry]) -> int:
    """Branches of the widest group; 1 without groups."""
    return max((len(branches_of(entry)) for entry in every_entry(partition_map)), default=1) or 1


def longest_branch(partition_map: Iterable[Entry]) -> int:
    """Entries of the longest branch map; 0 without groups."""
    lengths = (
        len(objects(branch.get("partition_map")))
        for entry in every_entry(partition_map)
        for branch in branches_of(entry)
    )
    return max(lengths, default=0)


def resource_limits(partition_map: Iterable[Entry]) -> list[int]:
    """Every ``resource_policy.max_concurrent_branches``, through all levels (Contract 5.6)."""
    limits: list[int] = []
    for entry in every_entry(partition_map):
        policy = entry.get("resource_policy")
        limit = policy.get("max_concurrent_branches") if isinstance(policy, dict) else None
        if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0:
            limits.append(limit)
    return limits
