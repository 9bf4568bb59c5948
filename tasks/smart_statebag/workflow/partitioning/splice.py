"""Splicing the only branch of a group into the map around it (Contract 5.6)."""

from collections.abc import Sequence

from tasks.smart_statebag.workflow.partitioning.entries import (
    Entry,
    conditions_of,
    levelled,
    relinked,
    whole,
)


def splice(outer: Sequence[Entry], group: int, branch: Sequence[Entry]) -> list[Entry]:
    """The map that runs a branch and then the outer map from the group's join on.

    If a loop leads back before the join, the entries there are appended, so that every link still
    has its target.
    """
    join = join_of(outer, group)
    order = [] if join is None else _needed(outer, join)
    new_place = {old: len(branch) + new for new, old in enumerate(order)}
    after = None if join is None else len(branch)
    inside = [_ended(entry, after) for entry in branch]
    return levelled(inside + [relinked(outer[old], new_place.get) for old in order])


def join_of(partition_map: Sequence[Entry], group: int) -> int | None:
    """``join_segment`` of a group: where its aggregator leads, None for the end."""
    following = whole(partition_map[group].get("default_next"))
    return None if following is None else whole(partition_map[following].get("default_next"))


def _needed(outer: Sequence[Entry], join: int) -> list[int]:
    tail = list(range(join, len(outer)))
    leads_back = any(
        link is not None and link < join for old in tail for link in _links(outer[old])
    )
    return tail + list(range(join)) if leads_back else tail


def _links(entry: Entry) -> list[int | None]:
    nexts = [whole(condition.get("next")) for condition in conditions_of(entry)]
    return [whole(entry.get("default_next")), *nexts]


def _ended(entry: Entry, after: int | None) -> Entry:
    """A branch's entry whose ends lead to the join."""
    if after is None:
        return entry
    conditions = [
        {**condition, "next": after if condition.get("next") is None else condition["next"]}
        for condition in conditions_of(entry)
    ]
    following = entry.get("default_next")
    ended: Entry = {
        **entry,
        "conditions": list(conditions),
        "default_next": after if following is None else following,
    }
    return {**ended, "next_mode": "conditional" if conditions else "default"}
