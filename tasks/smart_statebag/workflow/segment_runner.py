"""Runs one segment in memory: a state in, a new state and history entries out; no storage."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.branch_results import BranchResult, join_branches
from tasks.smart_statebag.workflow.expressions import ExpressionTypeError, is_true, parse_expression
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.history_entries import Journal, Position
from tasks.smart_statebag.workflow.in_memory import run_graph
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes import NodeContext, NodeFailed, NodeServices, run_node
from tasks.smart_statebag.workflow.partitioning.entries import (
    HITP,
    PARALLEL_GROUP,
    Entry,
    branches_of,
    conditions_of,
    whole,
)
from tasks.smart_statebag.workflow.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRun:
    """The outcome of a segment.

    Attributes:
        state: The new state; after a failure the state that the segment began with.
        next_segment: None at the end of the map.
        failed: Whether the segment ended the execution.
        error_info: The error that failed the segment, or the first that was tolerated.
    """

    state: JsonObject
    entries: tuple[JsonObject, ...]
    next_segment: int | None
    failed: bool = False
    error_info: ErrorInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRunner:
    """Runs entries of partition maps under some rules, with some services.

    The caller handles pauses: it runs a hitp entry only once the state holds its answer. With
    ``may_pause`` false nothing can wait for an answer, so a hitp entry fails.
    """

    rules: Rules
    execution_id: str
    services: NodeServices = field(default_factory=NodeServices)
    scope: str = "main"
    may_pause: bool = True

    def run(self, entry: Entry, state: JsonObject, *, loop: int = 0) -> SegmentRun:
        """Run one entry; a group runs its branches here, an aggregator does nothing.

        Args:
            loop: Counts the segments before this one; part of the entries' ids.
        """
        if entry["type"] == PARALLEL_GROUP:
            return self._run_group(entry, state, loop)
        return self._run_nodes(entry, state, loop)

    def run_map(self, partition_map: Sequence[Entry], state: JsonObject) -> SegmentRun:
        """Run a whole map along its links, from its first entry to its end."""
        entries: list[JsonObject] = []
        tolerated: ErrorInfo | None = None
        place: int | None = 0 if partition_map else None
        current, loop = state, 0
        limit = self.rules.branch_limit(len(partition_map))
        while place is not None and place < len(partition_map):
            if loop > limit:
                return _failure(state, entries, loop_limit(loop, limit))
            run = self.run(partition_map[place], current, loop=loop)
            entries += run.entries
            if run.failed:
                return replace(run, entries=tuple(entries))
            tolerated = tolerated or run.error_info
            current, place, loop = run.state, run.next_segment, loop + 1
        return SegmentRun(
            state=current, entries=tuple(entries), next_segment=None, error_info=tolerated
        )

    def _run_nodes(self, entry: Entry, state: JsonObject, loop: int) -> SegmentRun:
        context = self._context(entry, loop)
        if entry["type"] == HITP and not self.may_pause:
            return _failure(state, [], pause_not_allowed(entry))
        current = state
        tolerated: ErrorInfo | None = None
        for node in objects(entry.get("nodes")):
            try:
                current = {**current, **run_node(node, current, context)}
            except NodeFailed as failed:
                if self.rules.node_error_policy == "fail":
                    return _failure(state, context.journal.entries, failed.info)
                tolerated = tolerated or failed.info
        return self._follow(entry, state, current, context.journal.entries, tolerated)

    def _run_group(self, entry: Entry, state: JsonObject, loop: int) -> SegmentRun:
        branches = [branch for branch in branches_of(entry) if branch.get("partition_map")]
        if len(branches) < 2:
            return self._run_single_branch(entry, branches, state, loop)
        entries: list[JsonObject] = []
        results: list[BranchResult] = []
        for branch in branches:
            run = self._run_branch(entry, branch, state, loop)
            entries += run.entries
            failure = run.error_info if run.failed else None
            results.append(
                BranchResult(branch_id=str(branch["branch_id"]), state=run.state, failure=failure)
            )
        joined = join_branches(state, results, self.rules)
        if joined.failure is not None:
            return _failure(state, entries, joined.failure)
        return self._follow(entry, state, joined.state, entries, joined.tolerated)

    def _run_single_branch(
        self, entry: Entry, branches: list[JsonObject], state: JsonObject, loop: int
    ) -> SegmentRun:
        """A single branch continues on the state itself, as it does when the machine runs it."""
        if not branches:
            return self._follow(entry, state, state, [], None)
        run = self._run_branch(entry, branches[0], state, loop)
        if run.failed:
            return run
        return self._follow(entry, state, run.state, [*run.entries], run.error_info)

    def _run_branch(
        self, entry: Entry, branch: JsonObject, state: JsonObject, loop: int
    ) -> SegmentRun:
        scope = f"{self.scope}/{loop}-{entry['id']}/{branch['branch_id']}"
        return replace(self, scope=scope).run_map(objects(branch["partition_map"]), state)

    def _context(self, entry: Entry, loop: int) -> NodeContext:
        position = Position(
            execution_id=self.execution_id,
            scope=self.scope,
            loop=loop,
            segment=whole(entry.get("id")) or 0,
        )
        return NodeContext(
            services=self.services,
            journal=Journal(position=position),
            run_node=run_node,
            run_graph=run_graph,
            subgraphs=self.rules.subgraphs,
        )

    def _follow(
        self,
        entry: Entry,
        before: JsonObject,
        state: JsonObject,
        entries: list[JsonObject],
        tolerated: ErrorInfo | None,
    ) -> SegmentRun:
        """The outcome after the nodes of an entry; a condition over unlike types fails it."""
        try:
            following = self.next_of(entry, state)
        except ExpressionTypeError as error:
            info = ErrorInfo(
                error_type="ExpressionTypeError",
                error=str(error),
                segment_id=whole(entry.get("id")),
            )
            if self.rules.node_error_policy == "fail":
                return _failure(before, entries, info)
            tolerated, following = tolerated or info, whole(entry.get("default_next"))
        return SegmentRun(
            state=state, entries=tuple(entries), next_segment=following, error_info=tolerated
        )

    def next_of(self, entry: Entry, state: JsonObject) -> int | None:
        """The entry after this one: the target of its first true condition, else its default.

        Raises:
            ExpressionTypeError: A condition orders unlike types.
        """
        view = self._context(entry, 0).view(state)
        for condition in conditions_of(entry):
            if is_true(parse_expression(str(condition["condition"])), view):
                return whole(condition.get("next"))
        return whole(entry.get("default_next"))


def _failure(state: JsonObject, entries: list[JsonObject], info: ErrorInfo) -> SegmentRun:
    return SegmentRun(
        state=state, entries=tuple(entries), next_segment=None, failed=True, error_info=info
    )


def pause_not_allowed(entry: Entry) -> ErrorInfo:
    """The error of a hitp entry where no machine can wait for an answer."""
    place = whole(entry.get("id"))
    cause = f"segment {place} needs a person's answer, and nothing can wait for it here"
    return ErrorInfo(error_type="PauseNotAllowed", error=cause, segment_id=place)


def loop_limit(loop: int, limit: int) -> ErrorInfo:
    """The error of a branch that runs in process and does not end."""
    cause = f"{loop} segments ran, at most {limit} are allowed"
    return ErrorInfo(error_type="BranchLoopLimitExceeded", error=cause)
