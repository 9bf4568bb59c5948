"""The parts of a graph: nodes in sequence, parallel groups, regions of routers.

A sequence runs all its parts. The region of a router is flat and runs only the parts that edges
lead to; there the nodes that a fan-out starts run together, so they form one part.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.errors import (
    ConfigProblem,
    InvalidWorkflowConfig,
    TooManyBranches,
    UnsupportedTopology,
)
from tasks.smart_statebag.workflow.configuration.limits import MAX_BRANCHES, Limits
from tasks.smart_statebag.workflow.graph import Graph, topological_order


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePart:
    """One node."""

    node: str

    @property
    def nodes(self) -> frozenset[str]:
        return frozenset({self.node})


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch of a group: components, each of them a sequence, over a graph."""

    branch_id: str
    graph: Graph
    components: "tuple[tuple[Part, ...], ...]"
    target_node: str | None
    has_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Branches that start from one base; ``fan_out`` is the node whose edges lead into them."""

    nodes: frozenset[str]
    fan_out: str
    branches: tuple[Branch, ...]
    convergence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A router and, flat, what it chooses from."""

    router: str
    parts: "tuple[Part, ...]"
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Parts inside a region that a fan-out starts together and that run one after another."""

    parts: "tuple[Part, ...]"
    nodes: frozenset[str]


Part: TypeAlias = NodePart | Group | Region | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyor:
    """Finds the parts of one graph.

    It takes each connected piece of the graph by itself. In this one, ``a`` fans out to ``b`` and
    ``c``, which meet in ``d``; ``r`` is a router: it goes to ``s`` if ``x`` holds, else to ``t``,
    and both lead to ``u``::

        a -> b, c -> d -> r -> s (if x), t -> u

    1. A router claims all nodes between itself and its convergence, the first node that every way
       from it passes (its immediate post-dominator): ``r`` claims ``r``, ``s``, ``t``, up to
       ``u``. An outer router claims first, and the routers inside its region are parts of it.
    2. A fan-out of two or more branches claims the nodes between itself and its convergence:
       ``a`` claims ``b`` and ``c``, up to ``d``. Routers whose regions lie wholly among those
       nodes become part of the branches.
    3. Every claim becomes one part, a ``Region`` of a router or a ``Group`` of branches; each
       other node is a ``NodePart``. The same three steps find the parts of each branch.
    4. The parts are ordered so that each follows all parts that lead into it.

    >>> from tasks.smart_statebag.workflow.configuration import normalise
    >>> edges = [{"source": s, "target": t} for s, t in "ab ac bd cd dr rt su tu".split()]
    >>> edges.append({"source": "r", "target": "s", "type": "conditional_edge", "condition": "x"})
    >>> nodes = [{"id": node, "type": "operator"} for node in "abcdrstu"]
    >>> graph = Graph.of(normalise({"nodes": nodes, "edges": edges}))
    >>> [sequence] = Surveyor(graph=graph, limits=Limits()).components(graph.nodes)
    >>> for part in sequence:
    ...     print(type(part).__name__, *sorted(part.nodes))
    NodePart a
    Group b c
    NodePart d
    Region r s t
    NodePart u

    Attributes:
        depth: How many groups enclose the graph.
    """

    graph: Graph
    limits: Limits
    depth: int = 0

    def components(self, nodes: Iterable[str]) -> tuple[tuple[Part, ...], ...]:
        """The sequences of the connected parts of some nodes."""
        if self.depth > self.limits.max_depth:
            deep = f"groups nest deeper than {self.limits.max_depth}"
            raise InvalidWorkflowConfig((ConfigProblem(place="/nodes", message=deep),))
        return tuple(self._sequence(part) for part in self.graph.components(nodes))

    def _sequence(self, nodes: Collection[str]) -> tuple[Part, ...]:
        scope = sorted(nodes, key=self.graph.order.__getitem__)
        claims = self._claimed_groups(scope, self._claimed_by_routers(scope))
        claimed = {node for claim in claims.values() for node in claim}
        parts: list[Part] = [NodePart(node=node) for node in scope if node not in claimed]
        for owner, claim in claims.items():
            parts.append(
                self._region(owner, claim) if owner in claim else self._group(owner, claim)
            )
        return self._ordered(parts)

    def _claimed_by_routers(self, scope: list[str]) -> dict[str, frozenset[str]]:
        """The nodes of each outermost router, itself among them."""
        claims: dict[str, frozenset[str]] = {}
        claimed: set[str] = set()
        for node in scope:
            if node in claimed or not self._is_router(node):
                continue
            claim = frozenset({node}) | (self.graph.region(node) & set(scope))
            if claim & claimed:
                reason = "its choices lie in the region of another router"
                raise UnsupportedTopology(f"node {node}", reason)
            claims[node] = claim
            claimed |= claim
        return claims

    def _claimed_groups(
        self, scope: list[str], claims: dict[str, frozenset[str]]
    ) -> dict[str, frozenset[str]]:
        """The routers' claims that lie in no group, and the nodes of each outermost group.

        Where regions overlap without one holding the other, the first has formed the group and
        the later fan-out is walked like other nodes.
        """
        claims = dict(claims)
        claimed = {node for claim in claims.values() for node in claim}
        for node in scope:
            if node in claimed or len(self._branches_of(node)) < 2:
                continue
            region = self.graph.region(node)
            touched = {owner: claim for owner, claim in claims.items() if claim & region}
            if all(owner in claim and claim <= region for owner, claim in touched.items()):
                claims = {owner: claims[owner] for owner in claims if owner not in touched}
                claims[node] = region
                claimed |= region
        return claims

    def _is_router(self, node: str) -> bool:
        if not self.graph.conditional(node):
            return False
        if len(self.graph.plain(node)) > 1:
            raise UnsupportedTopology(f"node {node}", "a router has at most one default edge")
        return True

    def _branches_of(self, node: str) -> list[tuple[str, ...]]:
        """Branches of a fan-out in the order of the edges that enter them."""
        plain = self.graph.plain(node)
        if len(plain) < 2 or self.graph.conditional(node):
            return []
        entry = {edge.target: edge.position for edge in reversed(plain)}
        components = self.graph.components(self.graph.region(node))
        return sorted(
            components,
            key=lambda nodes: min(entry.get(each, len(self.graph.order) ** 2) for each in nodes),
        )

    def _group(self, fan_out: str, nodes: frozenset[str]) -> Group:
        branches = self._branches_of(fan_out)
        if len(branches) > MAX_BRANCHES:
            raise TooManyBranches(f"the fan-out of node {fan_out}", len(branches), MAX_BRANCHES)
        convergence = self.graph.convergences[fan_out]
        inner = Surveyor(graph=self.graph, limits=self.limits, depth=self.depth + 1)
        return Group(
            nodes=nodes,
            fan_out=fan_out,
            convergence=convergence,
            branches=tuple(
                Branch(
                    branch_id=f"branch_{index}",
                    graph=self.graph,
                    components=inner.components(branch),
                    target_node=branch[0],
                    has_end=convergence is None,
                )
                for index, branch in enumerate(branches)
            ),
        )

    def _region(self, router: str, nodes: frozenset[str]) -> Region:
        inner = sorted(nodes - {router}, key=self.graph.order.__getitem__)
        joint = self._fan_out_parts(router, inner)
        claimed = {node for part in joint for node in part.nodes}
        parts: list[Part] = [*joint]
        parts += [NodePart(node=node) for node in inner if node not in claimed]
        for node in inner:
            self._is_router(node)
        return Region(router=router, parts=self._ordered(parts), nodes=nodes)

    def _fan_out_parts(self, router: str, inner: list[str]) -> list[Group | Block]:
        """The part that each outermost fan-out in a router's region starts."""
        joint: list[Group | Block] = []
        claimed: set[str] = set()
        for node in inner:
            region = self.graph.region(node)
            fans_out = len(self.graph.plain(node)) > 1 and not self.graph.conditional(node)
            if node in claimed or not fans_out or not region:
                continue
            self._check_single_entry(node, region, [router, *inner])
            claimed |= region
            if len(self._branches_of(node)) > 1:
                joint.append(self._group(node, region))
            else:
                joint.append(Block(parts=self._sequence(region), nodes=region))
        return joint

    def _check_single_entry(self, fan_out: str, region: frozenset[str], others: list[str]) -> None:
        """Inside a router's region, only its fan-out may lead into a part that runs together."""
        for node in others:
            if node == fan_out or node in region:
                continue
            if any(edge.target in region for edge in self.graph.leaving[node]):
                reason = f"leads into the parallel part of node {fan_out}, past its fan-out"
                raise UnsupportedTopology(f"node {node}", reason)

    def _ordered(self, parts: list[Part]) -> tuple[Part, ...]:
        """Parts so that each follows every part from which an edge enters it."""
        order = self.graph.order
        by_place = sorted(parts, key=lambda part: min(order[node] for node in part.nodes))
        names = {node: str(index) for index, part in enumerate(by_place) for node in part.nodes}
        before = {
            str(index): [
                names[edge.source]
                for node in part.nodes
                for edge in self.graph.entering[node]
                if edge.source in names and edge.source not in part.nodes
            ]
            for index, part in enumerate(by_place)
        }
        return tuple(by_place[int(name)] for name in topological_order(list(before), before))
