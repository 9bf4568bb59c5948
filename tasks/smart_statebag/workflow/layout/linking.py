"""Placing parts in one flat list, each element with a link to its next element."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.errors import UnsupportedTopology
from tasks.smart_statebag.workflow.graph import Edge, Graph
from tasks.smart_statebag.workflow.layout.parts import Block, Group, NodePart, Part, Region


@dataclass(slots=True, kw_only=True)
class Placed:
    """A node or group at its place; ``following`` is where it leads unless a condition holds."""

    part: NodePart | Group
    starts_component: bool
    following: int | None = None
    conditions: list[tuple[Edge, int | None]] = field(default_factory=list)

    def add_condition(self, edge: Edge, target: int | None) -> None:
        """One more edge under a condition; conditions are evaluated in the order of the edges."""
        self.conditions.append((edge, target))
        self.conditions.sort(key=lambda pair: pair[0].position)


def link(graph: Graph, components: Sequence[Sequence[Part]]) -> list[Placed]:
    """The elements of some sequences, placed one after another and linked.

    Raises:
        UnsupportedTopology: A back edge leaves its branch.
    """
    linker = _Linker(graph)
    for parts in components:
        linker.place(parts, starts_component=True)
    everything = [part for parts in components for part in parts]
    linker.link_sequence(everything, after=None)
    linker.link_back_edges()
    return linker.placed


class _Linker:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._place_of: dict[str, int] = {}
        self.placed: list[Placed] = []

    def place(self, parts: Sequence[Part], *, starts_component: bool = False) -> None:
        for part in parts:
            match part:
                case NodePart() | Group():
                    self._place(part, starts_component=starts_component)
                case Region():
                    router = NodePart(node=part.router)
                    self._place(router, starts_component=starts_component)
                    self.place(part.parts)
                case Block():
                    self.place(part.parts, starts_component=starts_component)
            starts_component = False

    def link_sequence(self, parts: Sequence[Part], *, after: int | None) -> None:
        """Each part leads to the next, the last one to ``after``."""
        for index, part in enumerate(parts):
            last = index + 1 == len(parts)
            self._link(part, after if last else self._start(parts[index + 1]))

    def link_back_edges(self) -> None:
        for source, edges in self._graph.back_edges.items():
            place = self._place_of.get(source)
            if place is None or not isinstance(self.placed[place].part, NodePart):
                continue  # the source runs in a branch, which links its own back edges
            for edge in edges:
                self.placed[place].add_condition(edge, self._back_target(edge))

    def _place(self, part: NodePart | Group, *, starts_component: bool) -> None:
        for node in part.nodes:
            self._place_of[node] = len(self.placed)
        self.placed.append(Placed(part=part, starts_component=starts_component))

    def _link(self, part: Part, following: int | None) -> None:
        match part:
            case NodePart() | Group():
                self.placed[self._start_of_placed(part)].following = following
            case Block():
                self.link_sequence(part.parts, after=following)
            case Region():
                self._link_region(part, following)

    def _link_region(self, region: Region, after: int | None) -> None:
        """Inside a region each part leads where its edges lead, else past the region."""
        starts = {node: self._start(part) for part in region.parts for node in part.nodes}
        self._link_node(region.router, starts, after)
        for part in region.parts:
            match part:
                case NodePart():
                    self._link_node(part.node, starts, after)
                case Group() | Block() | Region():
                    self._link(part, self._first_reached(part, starts, after))

    def _link_node(self, node: str, starts: dict[str, int], after: int | None) -> None:
        place = self._place_of[node]
        for edge in self._graph.conditional(node):
            self.placed[place].add_condition(edge, starts.get(edge.target, after))
        plain = [edge.target for edge in self._graph.plain(node)]
        # A router without a default continues at its convergence if no condition holds.
        convergence = self._graph.convergences[node]
        if not plain and self._graph.conditional(node) and convergence is not None:
            plain = [convergence]
        reached = [starts[target] for target in plain if target in starts]
        self.placed[place].following = min(reached, default=after)

    def _first_reached(self, part: Part, starts: dict[str, int], after: int | None) -> int | None:
        targets = [edge.target for node in part.nodes for edge in self._graph.leaving[node]]
        reached = [
            starts[target] for target in targets if target in starts and target not in part.nodes
        ]
        return min(reached, default=after)

    def _back_target(self, edge: Edge) -> int:
        place = self._place_of.get(edge.target)
        if place is None or not isinstance(self.placed[place].part, NodePart):
            place_name = f"back edge {edge.source} -> {edge.target}"
            raise UnsupportedTopology(place_name, "it leaves or enters a branch")
        return place

    def _start(self, part: Part) -> int:
        match part:
            case Region():
                return self._place_of[part.router]
            case Block():
                return self._start(part.parts[0])
            case NodePart() | Group():
                return self._start_of_placed(part)

    def _start_of_placed(self, part: NodePart | Group) -> int:
        return self._place_of[next(iter(part.nodes))]
