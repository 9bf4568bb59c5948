"""A workflow run node by node in memory: no segments, no links, no storage.

What an execution must come to, however it is cut, delivered and folded. Subgraphs run this way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.branch_results import BranchResult, join_branches
from tasks.smart_statebag.workflow.configuration import Limits, normalise
from tasks.smart_statebag.workflow.expressions import ExpressionTypeError, is_true, parse_expression
from tasks.smart_statebag.workflow.history_entries import Journal, Position
from tasks.smart_statebag.workflow.layout import BranchProgram, GroupStep, Program, Step, program_of
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes import NodeContext, NodeFailed, NodeServices, run_node
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.rules import Rules

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
MAX_STEPS = 100_000
"""Steps a run may take, so that a loop without an exit ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRun:
    """The end of a run: a final document, or the error and the state it came to."""

    status: str
    state: JsonObject
    entries: tuple[JsonObject, ...]
    error_info: ErrorInfo | None


def run_in_memory(
    configuration: JsonObject,
    initial_state: Mapping[str, Json] | None = None,
    *,
    around: NodeServices | None = None,
    execution_id: str = "in-memory",
) -> MemoryRun:
    """Run a configuration as it was given; its ``initial_state`` lies below the given one.

    Raises:
        InvalidWorkflowConfig: The configuration does not conform.
    """
    normal = normalise(configuration)
    given = normal.get("initial_state")
    state: JsonObject = {**(given if isinstance(given, dict) else {}), **(initial_state or {})}
    rules = Rules.of(normal)
    context = NodeContext(
        around=around or NodeServices(mock=True),
        journal=Journal(position=Position(execution_id=execution_id)),
        run_node=run_node,
        run_graph=run_graph,
        subgraphs=rules.subgraphs,
    )
    walk = _Walk(rules=rules, context=context)
    program = program_of(normal, Limits.from_environment())
    try:
        final, status, failure = walk.run(program, state), SUCCEEDED, walk.tolerated.first
    except NodeFailed as failed:
        final, status, failure = state, FAILED, failed.info
    entries = tuple(context.journal.entries)
    return MemoryRun(
        status=status, state=without_reserved(final), entries=entries, error_info=failure
    )


def run_graph(graph: JsonObject, state: JsonObject, context: NodeContext) -> JsonObject:
    """The final state of a normalised graph within a node; the first error ends it.

    Raises:
        NodeFailed: A node of the graph failed.
    """
    rules = replace(Rules.of(graph), subgraphs=context.subgraphs)
    program = program_of(graph, Limits.from_environment())
    return without_reserved(_Walk(rules=rules, context=context).run(program, state))


@dataclass(slots=True)
class _Tolerated:
    first: ErrorInfo | None = None

    def note(self, info: ErrorInfo | None) -> None:
        self.first = self.first or info


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    rules: Rules
    context: NodeContext
    tolerated: _Tolerated = field(default_factory=_Tolerated)

    def run(self, program: Program, state: JsonObject) -> JsonObject:
        place: int | None = 0 if program.steps else None
        for _ in range(MAX_STEPS):
            if place is None:
                return state
            step = program.steps[place]
            state = self._take(step, state)
            place = self._following(step, state)
        raise NodeFailed(ErrorInfo(error_type="LoopLimitExceeded", error=f"{MAX_STEPS} steps"))

    def _take(self, step: Step, state: JsonObject) -> JsonObject:
        if isinstance(step.content, GroupStep):
            return self._run_group(step.content, state)
        try:
            return {**state, **run_node(step.content, state, self.context)}
        except NodeFailed as failed:
            self._tolerate(failed)
            return state

    def _run_group(self, group: GroupStep, state: JsonObject) -> JsonObject:
        branches = [branch for branch in group.branches if branch.program.steps]
        if len(branches) < 2:
            return self.run(branches[0].program, state) if branches else state
        joined = join_branches(state, [self._branch(each, state) for each in branches], self.rules)
        if joined.failure is not None:
            raise NodeFailed(joined.failure)
        self.tolerated.note(joined.tolerated)
        return joined.state

    def _branch(self, branch: BranchProgram, state: JsonObject) -> BranchResult:
        try:
            return BranchResult(branch_id=branch.branch_id, state=self.run(branch.program, state))
        except NodeFailed as failed:
            return BranchResult(branch_id=branch.branch_id, state=state, failure=failed.info)

    def _following(self, step: Step, state: JsonObject) -> int | None:
        view = self.context.view(state)
        try:
            for condition, target in step.conditions:
                if is_true(parse_expression(condition), view):
                    return target
        except ExpressionTypeError as error:
            info = ErrorInfo(error_type="ExpressionTypeError", error=str(error))
            self._tolerate(NodeFailed(info))
        return step.following

    def _tolerate(self, failed: NodeFailed) -> None:
        if self.rules.node_error_policy == "fail":
            raise failed
        self.tolerated.note(failed.info)
