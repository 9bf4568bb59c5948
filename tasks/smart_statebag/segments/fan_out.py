"""A parallel group in a main loop: handed out, spliced, or empty (Contract 5.6)."""

from collections.abc import Sequence

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.errors import TooManyBranches
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.segments.response import Answer, StateDocument
from tasks.smart_statebag.workflow.configuration.limits import MAX_BRANCHES
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.partitioning import Entry, branches_of, splice
from tasks.smart_statebag.workflow.partitioning.entries import whole
from tasks.smart_statebag.workflow.partitioning.splice import join_of


def hand_out(
    partition_map: Sequence[Entry], place: int, document: StateDocument, access: BagAccess
) -> Answer:
    """The answer with which the machine runs a group; the state stays as it is.

    Raises:
        TooManyBranches: More than 100 branches, whose pointers would not fit beside a bag.
    """
    entry = partition_map[place]
    branches = [branch for branch in branches_of(entry) if _has_nodes(branch)]
    join = join_of(partition_map, place)
    if len(branches) > MAX_BRANCHES:
        raise TooManyBranches(f"segment {place}", len(branches), MAX_BRANCHES)
    if not branches:
        ends = join is None
        return Answer(
            status=statuses.COMPLETE if ends else statuses.CONTINUE,
            segment_type="empty_parallel_group",
            document=document,
            next_segment=join,
            join_segment=join,
            total_segments=len(partition_map),
            segment_id=place,
        )
    if len(branches) == 1:
        return _spliced(partition_map, place, branches[0], document, access)
    return Answer(
        status=statuses.PARALLEL_GROUP,
        segment_type="parallel_group",
        document=document,
        next_segment=whole(entry.get("default_next")),
        branches=tuple(_as_item(branch, index) for index, branch in enumerate(branches)),
        join_segment=join,
        total_segments=len(partition_map),
        segment_id=place,
    )


def _spliced(
    partition_map: Sequence[Entry],
    place: int,
    branch: JsonObject,
    document: StateDocument,
    access: BagAccess,
) -> Answer:
    given: Json = branch.get("partition_map")
    if given is None:
        given = access.hydrator.load_list(branch.get("partition_map_s3_path"))
    inner = splice(partition_map, place, objects(given))
    return Answer(
        status=statuses.SEQUENTIAL_BRANCH,
        segment_type="sequential_branch",
        document=document,
        next_segment=0,
        inner_map=tuple(inner),
        total_segments=len(inner),
        segment_id=place,
    )


def _has_nodes(branch: JsonObject) -> bool:
    return bool(branch.get("partition_map")) or bool(branch.get("partition_map_s3_path"))


def _as_item(branch: JsonObject, index: int) -> JsonObject:
    """One element of ``branches``, numbered as the branch Map will see it."""
    given = branch.get("branch_id")
    inner = branch.get("partition_map")
    count = len(inner) if isinstance(inner, list) else branch.get("segment_count")
    return {
        "branch_id": f"branch_{index}" if given is None else given,
        "branch_index": index,
        "partition_map": inner,
        "partition_map_s3_path": None if inner else branch.get("partition_map_s3_path"),
        "segment_count": count,
        "has_end": branch.get("has_end") is True,
        "target_node": branch.get("target_node"),
    }
