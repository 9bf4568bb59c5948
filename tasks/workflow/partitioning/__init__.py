"""A workflow as a partition map: segments, groups and the links between them (Contract 6.3)."""

from tasks.workflow.partitioning.census import (
    count_segments,
    longest_branch,
    resource_limits,
    widest_group,
)
from tasks.workflow.partitioning.entries import Entry, branches_of, check_links
from tasks.workflow.partitioning.partition import partition
from tasks.workflow.partitioning.splice import splice

__all__ = [
    "Entry",
    "branches_of",
    "check_links",
    "count_segments",
    "longest_branch",
    "partition",
    "resource_limits",
    "splice",
    "widest_group",
]
