"""A graph run node by node in memory, as subgraphs are: no segments, no links, no storage.

An execution of the same graph ends with the same state, however it is cut into segments.
"""

from dataclasses import dataclass, field, replace

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.branch_results import BranchResult, join_branches
from tasks.smart_statebag.workflow.configuration import Limits
from tasks.smart_statebag.workflow.expressions import ExpressionTypeError, is_true, parse_expression
from tasks.smart_statebag.workflow.layout import BranchProgram, GroupStep, Program, Step, program_of
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes import NodeContext, NodeFailed, run_node
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.rules import Rules

MAX_STEPS = 100_000
"""Steps a run may take, so that a loop without an exit ends."""


def run_graph(graph: JsonObject, state: JsonObject, context: NodeContext) -> JsonObject:
    """The final state of a normalised graph within a node; the first error ends it.

    Raises:
        NodeFailed: A node of the graph failed.
    """
    rules = replace(Rules.of(graph), subgraphs=context.subgraphs)
    program = program_of(graph, Limits.from_environment())
    return without_reserved(GraphWalk(rules=rules, context=context).run(program, state))


@dataclass(slots=True)
class _Tolerated:
    first: ErrorInfo | None = None

    def note(self, info: ErrorInfo | None) -> None:
        self.first = self.first or info


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphWalk:
    """Walks through a program, node after node, and keeps the first error that it tolerates."""

    rules: Rules
    context: NodeContext
    tolerated: _Tolerated = field(default_factory=_Tolerated)

    def run(self, program: Program, state: JsonObject) -> JsonObject:
        """The state after the last step.

        Raises:
            NodeFailed: A node failed and the policy is ``fail``, or the walk takes too many steps.
        """
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
