"""Other cuts of a partition map than the partitioner's own, for the same order of nodes."""

import random
from itertools import accumulate
from typing import Any

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.partitioning.entries import (
    AGGREGATOR,
    DEFAULT,
    HITP,
    LLM,
    NORMAL,
    PARALLEL_GROUP,
    Entry,
    levelled,
    relinked,
)

WITHOUT_NODES = (PARALLEL_GROUP, AGGREGATOR)


def resplit(partition_map: list[Any], chance: random.Random) -> list[Entry]:
    """Cut a map into single nodes, then join neighbours wherever nothing leads between them."""
    pieces = _pieces(partition_map, chance)
    targets = [each["next"] for piece in pieces for each in piece["conditions"]]
    targets += [piece["default_next"] for piece in pieces]
    runs: list[list[Entry]] = []
    for place, piece in enumerate(pieces):
        alone = targets.count(place) <= 1
        if runs and alone and _continues(runs[-1][-1], piece) and chance.random() < 0.5:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    places = {piece["id"]: number for number, run in enumerate(runs) for piece in run}
    return levelled([relinked(_joined(run), places.__getitem__) for run in runs])


def _pieces(partition_map: list[Any], chance: random.Random) -> list[Any]:
    """One entry for each node, and those without nodes as they are, linked as before."""
    lengths = [len(entry.get("nodes") or [entry]) for entry in partition_map]
    first = dict(enumerate(accumulate(lengths, initial=0)))
    pieces: list[Any] = []
    for entry in partition_map:
        moved = relinked(entry, first.__getitem__)
        nodes = [] if entry["type"] in WITHOUT_NODES else entry["nodes"]
        pieces += _nodes_of(moved, nodes) if nodes else [_with_split_branches(moved, chance)]
    return pieces


def _nodes_of(entry: Any, nodes: list[Any]) -> list[Any]:
    pieces: list[Any] = []
    for number, node in enumerate(nodes):
        place = entry["id"] + number
        piece = {**entry, "id": place, "nodes": [node], "node_ids": [node["id"]], "edges": []}
        if number:
            piece |= {"type": _type_of(node), "dependencies": [place - 1]}
        elif entry["type"] != HITP:
            piece["type"] = _type_of(node)
        if number < len(nodes) - 1:
            piece |= {"conditions": [], "default_next": place + 1, "next_mode": DEFAULT}
        pieces.append(piece)
    return pieces


def _type_of(node: Any) -> str:
    return LLM if node["type"] == "llm_chat" else NORMAL


def _with_split_branches(entry: Any, chance: random.Random) -> Any:
    if entry["type"] != PARALLEL_GROUP:
        return entry
    branches = [_split_branch(branch, chance) for branch in entry["branches"]]
    return {**entry, "branches": branches}


def _split_branch(branch: JsonObject, chance: random.Random) -> JsonObject:
    inner = branch["partition_map"]
    assert isinstance(inner, list)
    maps = resplit(inner, chance)
    return {**branch, "partition_map": [*maps], "segment_count": len(maps)}


def _continues(entry: Any, following: Any) -> bool:
    """Whether an entry leads to the following one and nowhere else, and both have nodes."""
    return (
        entry["type"] not in WITHOUT_NODES
        and following["type"] in (NORMAL, LLM)
        and not entry["conditions"]
        and entry["default_next"] == following["id"]
    )


def _joined(run: list[Any]) -> Any:
    if len(run) == 1:
        return run[0]
    types = [piece["type"] for piece in run]
    kind = HITP if types[0] == HITP else LLM if LLM in types else NORMAL
    last = {name: run[-1][name] for name in ("conditions", "default_next", "next_mode")}
    nodes = [node for piece in run for node in piece["nodes"]]
    ids = [node["id"] for node in nodes]
    return {**run[0], **last, "type": kind, "nodes": nodes, "node_ids": ids}
