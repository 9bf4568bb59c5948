"""A whole workflow run node by node in memory: what its execution must give, however it is cut."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration import Limits, normalise
from tasks.smart_statebag.workflow.history_entries import Journal, Position
from tasks.smart_statebag.workflow.in_memory import GraphWalk, run_graph
from tasks.smart_statebag.workflow.layout import program_of
from tasks.smart_statebag.workflow.node_errors import ErrorInfo
from tasks.smart_statebag.workflow.nodes import NodeContext, NodeFailed, NodeServices, run_node
from tasks.smart_statebag.workflow.nodes.protected_keys import without_reserved
from tasks.smart_statebag.workflow.rules import Rules

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"


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
    services: NodeServices | None = None,
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
        services=services or NodeServices(mock=True),
        journal=Journal(position=Position(execution_id=execution_id)),
        run_node=run_node,
        run_graph=run_graph,
        subgraphs=rules.subgraphs,
    )
    walk = GraphWalk(rules=rules, context=context)
    program = program_of(normal, Limits.from_environment())
    try:
        final, status, failure = walk.run(program, state), SUCCEEDED, walk.tolerated.first
    except NodeFailed as failed:
        final, status, failure = state, FAILED, failed.info
    entries = tuple(context.journal.entries)
    return MemoryRun(
        status=status, state=without_reserved(final), entries=entries, error_info=failure
    )
