"""A workflow as a partition map: segments, groups and the links between them (Contract 6.3)."""

from tasks.smart_statebag.workflow.partitioning.census import (
    count_segments,
    longest_branch,
    resource_limits,
    widest_group,
)
from tasks.smart_statebag.workflow.partitioning.entries import Entry, branches_of, check_links
from tasks.smart_statebag.workflow.partitioning.partition import partition
from tasks.smart_statebag.workflow.partitioning.splice import splice

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
