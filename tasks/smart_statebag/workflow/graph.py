"""The graph of a workflow without its back edges: order, post-dominators, components. Pure."""

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tasks.smart_statebag.bag.errors import CycleDetected
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.edges import (
    is_back_edge,
    is_conditional,
    is_hitp_edge,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An edge from one node to another; ``position`` is its index among the edges."""

    source: str
    target: str
    condition: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes in their topological order with the edges that leave and enter them.

    ``order`` maps a node to its place in the topological order (ties by position in ``nodes``).
    ``hitp_nodes`` run only after a person's answer.
    ``neighbours`` counts back edges too: a loop holds its nodes together.
    ``convergences`` maps a node to its immediate post-dominator, None for the virtual exit.
    """

    nodes: Mapping[str, JsonObject]
    order: Mapping[str, int]
    leaving: Mapping[str, tuple[Edge, ...]]
    entering: Mapping[str, tuple[Edge, ...]]
    back_edges: Mapping[str, tuple[Edge, ...]]
    neighbours: Mapping[str, tuple[str, ...]]
    convergences: Mapping[str, str | None]
    hitp_nodes: frozenset[str]

    @classmethod
    def of(cls, configuration: JsonObject) -> "Graph":
        """The graph of a normalised configuration or branch.

        Raises:
            CycleDetected: A cycle is closed by an edge that is not a back edge.
        """
        nodes = {str(node["id"]): node for node in objects(configuration.get("nodes"))}
        hitp_nodes = {node_id for node_id, node in nodes.items() if node["hitp"]}
        forward: list[Edge] = []
        back: list[Edge] = []
        for position, edge in enumerate(objects(configuration.get("edges"))):
            (back if is_back_edge(edge) else forward).append(_edge(edge, position))
            if is_hitp_edge(edge):
                hitp_nodes.add(str(edge["target"]))
        leaving = _grouped(nodes, forward, by_source=True)
        entering = _grouped(nodes, forward, by_source=False)
        ordered = topological_order(
            list(nodes), {node: [edge.source for edge in entering[node]] for node in nodes}
        )
        return cls(
            nodes=nodes,
            order={node: place for place, node in enumerate(ordered)},
            leaving=leaving,
            entering=entering,
            back_edges=_grouped(nodes, back, by_source=True),
            neighbours=_neighbours(nodes, forward + back),
            convergences=_post_dominators(ordered, leaving),
            hitp_nodes=frozenset(hitp_nodes),
        )

    def conditional(self, node: str) -> tuple[Edge, ...]:
        """Edges that leave a node under a condition, back edges aside."""
        return tuple(edge for edge in self.leaving[node] if edge.condition is not None)

    def plain(self, node: str) -> tuple[Edge, ...]:
        """Edges that leave a node without a condition."""
        return tuple(edge for edge in self.leaving[node] if edge.condition is None)

    def region(self, node: str) -> frozenset[str]:
        """Nodes reachable from a node before its convergence, the node itself left out."""
        end = self.convergences[node]
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for edge in self.leaving[waiting.pop()]:
                if edge.target != end and edge.target not in found:
                    found.add(edge.target)
                    waiting.append(edge.target)
        return frozenset(found)

    def components(self, nodes: Iterable[str]) -> list[tuple[str, ...]]:
        """Connected parts of some nodes, each in topological order, by their first nodes."""
        remaining = set(nodes)
        parts: list[tuple[str, ...]] = []
        for node in sorted(remaining, key=self.order.__getitem__):
            if node in remaining:
                part = self._connected(node, remaining)
                parts.append(tuple(sorted(part, key=self.order.__getitem__)))
                remaining -= part
        return parts

    def _connected(self, start: str, within: Collection[str]) -> set[str]:
        found = {start}
        waiting = [start]
        while waiting:
            for neighbour in self.neighbours[waiting.pop()]:
                if neighbour in within and neighbour not in found:
                    found.add(neighbour)
                    waiting.append(neighbour)
        return found


def topological_order(items: list[str], before: Mapping[str, Iterable[str]]) -> list[str]:
    """The items so that each follows those before it, ties by position in ``items``.

    Raises:
        CycleDetected: Some items depend on each other.
    """
    place = {item: index for index, item in enumerate(items)}
    missing = {item: {other for other in before[item] if other in place} for item in items}
    followers: dict[str, list[str]] = {item: [] for item in items}
    for item, others in missing.items():
        for other in others:
            followers[other].append(item)
    ready = [place[item] for item in items if not missing[item]]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        item = items[heapq.heappop(ready)]
        ordered.append(item)
        for follower in followers[item]:
            missing[follower].discard(item)
            if not missing[follower]:
                heapq.heappush(ready, place[follower])
    if len(ordered) < len(items):
        raise CycleDetected(_cycle(missing, set(items) - set(ordered)))
    return ordered


def _cycle(missing: Mapping[str, set[str]], blocked: set[str]) -> tuple[str, ...]:
    """One cycle among blocked items, found by walking from item to predecessor."""
    trail: list[str] = [min(blocked)]
    while True:
        previous = min(missing[trail[-1]] & blocked)
        if previous in trail:
            return tuple(reversed(trail[trail.index(previous) :]))
        trail.append(previous)


def _post_dominators(
    ordered: list[str], leaving: Mapping[str, tuple[Edge, ...]]
) -> dict[str, str | None]:
    """Immediate post-dominators by walking up the tree of those already known.

    In reverse topological order every successor is known before the node, so each node's is the
    nearest common ancestor of its successors; None is the virtual exit behind all sinks.
    """
    parent: dict[str, str | None] = {}
    depth: dict[str | None, int] = {None: 0}
    for node in reversed(ordered):
        targets: list[str | None] = [edge.target for edge in leaving[node]] or [None]
        common = targets[0]
        for target in targets[1:]:
            common = _nearest_common(common, target, parent, depth)
        parent[node] = common
        depth[node] = depth[common] + 1
    return parent


def _nearest_common(
    left: str | None,
    right: str | None,
    parent: Mapping[str, str | None],
    depth: Mapping[str | None, int],
) -> str | None:
    while left != right:
        if depth[left] < depth[right]:
            left, right = right, left
        if left is None:
            return None
        left = parent[left]
    return left


def _edge(edge: JsonObject, position: int) -> Edge:
    condition = str(edge["condition"]) if is_conditional(edge) else None
    return Edge(
        source=str(edge["source"]),
        target=str(edge["target"]),
        condition=condition,
        position=position,
    )


def _grouped(
    nodes: Iterable[str], edges: list[Edge], *, by_source: bool
) -> dict[str, tuple[Edge, ...]]:
    grouped: dict[str, list[Edge]] = {node: [] for node in nodes}
    for edge in edges:
        grouped[edge.source if by_source else edge.target].append(edge)
    return {node: tuple(members) for node, members in grouped.items()}


def _neighbours(nodes: Iterable[str], edges: list[Edge]) -> dict[str, tuple[str, ...]]:
    neighbours: dict[str, set[str]] = {node: set() for node in nodes}
    for edge in edges:
        neighbours[edge.source].add(edge.target)
        neighbours[edge.target].add(edge.source)
    return {node: tuple(others) for node, others in neighbours.items()}


def objects(value: Json) -> list[JsonObject]:
    """The objects of a list; of anything else, none."""
    elements = value if isinstance(value, list) else []
    return [element for element in elements if isinstance(element, dict)]
