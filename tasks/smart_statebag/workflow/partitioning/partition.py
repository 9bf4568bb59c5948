"""Making entries of steps: two of each group, segments of all others (Contract 6.3)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.limits import Limits
from tasks.smart_statebag.workflow.configuration.vocabulary import LLM_CHAT
from tasks.smart_statebag.workflow.layout import BranchProgram, GroupStep, Program, Step, program_of
from tasks.smart_statebag.workflow.partitioning.cuts import cut
from tasks.smart_statebag.workflow.partitioning.entries import (
    AGGREGATOR,
    HITP,
    LLM,
    NORMAL,
    PARALLEL_GROUP,
    Entry,
    levelled,
    link_mode,
)

HITP_DEPTH = 1
"""How many groups may enclose a hitp node: a branch may pause, a branch inside it may not."""


def partition(configuration: JsonObject, limits: Limits | None = None) -> list[Entry]:
    """The partition map of a normalised configuration.

    Raises:
        CycleDetected: A cycle is closed by an edge that is not a back edge.
        UnsupportedTopology: The graph cannot run segment by segment.
        TooManyBranches: A group has more than 100 branches.
    """
    return _entries(program_of(configuration, limits or Limits.from_environment()))


def _entries(program: Program) -> list[Entry]:
    runs = cut(program)
    places = _EntryIds.of(program, runs)
    entries: list[Entry] = []
    for run in runs:
        content = program.steps[run[0]].content
        if isinstance(content, GroupStep):
            entries += _group(program, run[0], content, places)
        else:
            entries.append(_segment(program, run, places))
    return levelled(entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EntryIds:
    """Entry ids: where a step begins, and after which entry a node's effects are visible."""

    of_step: dict[int, int]
    of_node: dict[str, int]

    @classmethod
    def of(cls, program: Program, runs: list[tuple[int, ...]]) -> "_EntryIds":
        of_step: dict[int, int] = {}
        of_node: dict[str, int] = {}
        place = 0
        for run in runs:
            of_step.update((step, place) for step in run)
            contents = [program.steps[step].content for step in run]
            place += isinstance(contents[0], GroupStep)
            of_node.update((node, place) for content in contents for node in _nodes(content))
            place += 1
        return cls(of_step=of_step, of_node=of_node)

    def link(self, step: int | None) -> int | None:
        return None if step is None else self.of_step[step]

    def dependencies(self, program: Program, nodes: frozenset[str], own: set[int]) -> list[Json]:
        """Entries of the map from which an edge enters some nodes."""
        found = {
            self.of_node[edge.source]
            for node in nodes
            for edge in program.graph.entering[node]
            if edge.source in self.of_node
        }
        entries: list[Json] = [*sorted(found - own)]
        return entries


def _nodes(content: JsonObject | GroupStep) -> frozenset[str]:
    return content.nodes if isinstance(content, GroupStep) else frozenset({str(content["id"])})


def _links(step: Step, places: _EntryIds) -> Entry:
    links: Entry = {
        "default_next": places.link(step.following),
        "conditions": [
            {"condition": condition, "next": places.link(target)}
            for condition, target in step.conditions
        ],
    }
    return {"next_mode": link_mode(links), **links}


def _segment(program: Program, run: tuple[int, ...], places: _EntryIds) -> Entry:
    place = places.of_step[run[0]]
    contents = [program.steps[step].content for step in run]
    nodes = [content for content in contents if not isinstance(content, GroupStep)]
    node_ids = frozenset(str(node["id"]) for node in nodes)
    return {
        "id": place,
        "type": _segment_type(program, nodes),
        "node_ids": [node["id"] for node in nodes],
        "nodes": list(nodes),
        "edges": [
            {"source": edge.source, "target": edge.target, "type": "edge"}
            for node in nodes
            for edge in program.graph.leaving[str(node["id"])]
            if edge.target in node_ids
        ],
        "dependencies": places.dependencies(program, node_ids, {place}),
        **_links(program.steps[run[-1]], places),
    }


def _segment_type(program: Program, nodes: list[JsonObject]) -> str:
    hitp = [str(node["id"]) for node in nodes if node["id"] in program.graph.hitp_nodes]
    if hitp and program.depth > HITP_DEPTH:
        raise UnsupportedTopology(f"node {hitp[0]}", "hitp inside a nested group")
    if hitp:
        return HITP
    return LLM if any(node["type"] == LLM_CHAT for node in nodes) else NORMAL


def _group(program: Program, step: int, content: GroupStep, places: _EntryIds) -> list[Entry]:
    place = places.of_step[step]
    branches = [_branch(branch, index) for index, branch in enumerate(content.branches)]
    group: Entry = {
        "id": place,
        "type": PARALLEL_GROUP,
        "branches": list(branches),
        "branch_count": len(branches),
        "resource_policy": content.resource_policy,
        "dependencies": places.dependencies(program, content.nodes, {place, place + 1}),
        "next_mode": "default",
        "default_next": place + 1,
        "conditions": [],
    }
    aggregator: Entry = {
        "id": place + 1,
        "type": AGGREGATOR,
        "source_parallel_group": place,
        "convergence_node": content.convergence,
        "dependencies": [place],
        **_links(program.steps[step], places),
    }
    return [group, aggregator]


def _branch(branch: BranchProgram, index: int) -> JsonObject:
    entries = _entries(branch.program) if branch.program.steps else []
    return {
        "branch_id": branch.branch_id,
        "branch_index": index,
        "partition_map": list(entries),
        "partition_map_s3_path": None,
        "segment_count": len(entries),
        "has_end": branch.has_end,
        "target_node": branch.target_node,
    }
