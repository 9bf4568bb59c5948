"""A workflow as steps with links; partitioning cuts it, the in-memory run follows it."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.errors import TooManyBranches, UnsupportedTopology
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.limits import MAX_BRANCHES, Limits
from tasks.smart_statebag.workflow.configuration.vocabulary import PARALLEL_GROUP
from tasks.smart_statebag.workflow.graph import Graph, objects
from tasks.smart_statebag.workflow.layout.linking import Placed, link
from tasks.smart_statebag.workflow.layout.parts import Branch, Group, Surveyor


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchProgram:
    """One branch of a group; ``has_end``: nothing joins it."""

    branch_id: str
    program: "Program"
    target_node: str | None
    has_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStep:
    """Branches that start from one base and are folded; ``nodes`` are those it stands for.

    ``fan_out`` is the node whose edges lead into the branches, None for an inline group.
    """

    nodes: frozenset[str]
    fan_out: str | None
    branches: tuple[BranchProgram, ...]
    convergence: str | None
    resource_policy: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A node or a group; ``following`` (None: the end) applies if no condition holds."""

    content: JsonObject | GroupStep
    following: int | None
    conditions: tuple[tuple[str, int | None], ...]
    starts_component: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Steps over a graph; the first one is where it starts."""

    graph: Graph
    steps: tuple[Step, ...]
    depth: int


def program_of(configuration: JsonObject, limits: Limits, *, depth: int = 0) -> Program:
    """The program of a normalised configuration, or of a branch with nodes of its own.

    Raises:
        CycleDetected: A cycle is closed by an edge that is not a back edge.
        UnsupportedTopology: The graph has no order in which it can run segment by segment.
        TooManyBranches: A group has more than 100 branches.
    """
    graph = Graph.of(configuration)
    _check_hitp_groups(graph)
    components = Surveyor(graph=graph, limits=limits, depth=depth).components(graph.nodes)
    return _Builder(limits=limits, depth=depth).program(graph, link(graph, components))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Builder:
    limits: Limits
    depth: int

    def program(self, graph: Graph, placed: list[Placed]) -> Program:
        steps = tuple(self._step(graph, each) for each in placed)
        return Program(graph=graph, steps=steps, depth=self.depth)

    def _step(self, graph: Graph, placed: Placed) -> Step:
        return Step(
            content=self._content(graph, placed),
            following=placed.following,
            conditions=tuple((str(edge.condition), target) for edge, target in placed.conditions),
            starts_component=placed.starts_component,
        )

    def _content(self, graph: Graph, placed: Placed) -> JsonObject | GroupStep:
        if isinstance(placed.part, Group):
            return self._fan_out(placed.part)
        node = graph.nodes[placed.part.node]
        if node["type"] != PARALLEL_GROUP or not isinstance(node.get("branches"), list):
            return node
        if placed.conditions:
            reason = "a group cannot have conditional edges; put a node after it"
            raise UnsupportedTopology(f"node {placed.part.node}", reason)
        return self._inline(graph, node)

    def _fan_out(self, group: Group) -> GroupStep:
        inner = _Builder(limits=self.limits, depth=self.depth + 1)
        return GroupStep(
            nodes=group.nodes,
            fan_out=group.fan_out,
            branches=tuple(inner.branch(branch) for branch in group.branches),
            convergence=group.convergence,
            resource_policy=None,
        )

    def branch(self, branch: Branch) -> BranchProgram:
        return BranchProgram(
            branch_id=branch.branch_id,
            program=self.program(branch.graph, link(branch.graph, branch.components)),
            target_node=branch.target_node,
            has_end=branch.has_end,
        )

    def _inline(self, graph: Graph, node: JsonObject) -> GroupStep:
        node_id, branches = str(node["id"]), objects(node["branches"])
        if len(branches) > MAX_BRANCHES:
            raise TooManyBranches(f"node {node_id}", len(branches), MAX_BRANCHES)
        return GroupStep(
            nodes=frozenset({node_id}),
            fan_out=None,
            branches=tuple(self._inline_branch(branch) for branch in branches),
            convergence=graph.convergences[node_id],
            resource_policy=node.get("resource_policy"),
        )

    def _inline_branch(self, branch: JsonObject) -> BranchProgram:
        program = program_of(branch, self.limits, depth=self.depth + 1)
        return BranchProgram(
            branch_id=str(branch["branch_id"]),
            program=program,
            target_node=next(iter(program.graph.order), None),
            has_end=any(node["type"] == "end" for node in program.graph.nodes.values()),
        )


def _check_hitp_groups(graph: Graph) -> None:
    """A group cannot wait for a person; the node before or after it can."""
    for node_id in sorted(graph.hitp_nodes):
        node = graph.nodes[node_id]
        if node["type"] == PARALLEL_GROUP and node.get("branches") is not None:
            raise UnsupportedTopology(f"node {node_id}", "a parallel_group cannot be hitp")
