"""One node: its attempts, its protected keys, its history entry."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.expressions import ExpressionTypeError
from tasks.smart_statebag.workflow.history_entries import COMPLETED, FAILED
from tasks.smart_statebag.workflow.local_retries import (
    AttemptsExhausted,
    LocalRetries,
    attempt_locally,
)
from tasks.smart_statebag.workflow.node_errors import ErrorInfo, NodeError
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.nodes.protected_keys import check_writes

RunNode: TypeAlias = Callable[[JsonObject, JsonObject, NodeContext], NodeOutcome]


class NodeFailed(Exception):
    """A node failed for good; it carries what ``error_info`` will say."""

    def __init__(self, info: ErrorInfo) -> None:
        super().__init__(info)
        self.info = info

    def __str__(self) -> str:
        return f"{self.info.node_id}: {self.info.error_type}: {self.info.error}"


def execute(run: RunNode, node: JsonObject, state: JsonObject, context: NodeContext) -> JsonObject:
    """What a node writes; its entry is in the journal, whether it succeeded or not.

    Raises:
        NodeFailed: The node, or a node inside it, failed.
    """
    config = node.get("config")
    retries = LocalRetries.of(config.get("retry_config") if isinstance(config, dict) else None)
    clock = context.services.clock

    def attempt() -> NodeOutcome:
        try:
            outcome = run(node, state, context)
        except ExpressionTypeError as error:
            raise NodeError("ExpressionTypeError", str(error)) from error
        check_writes(outcome.writes)
        return outcome

    try:
        outcome = attempt_locally(
            attempt, retries, sleep=clock.sleep, jitter=context.services.jitter
        )
    except (AttemptsExhausted, NodeFailed) as error:
        info = _error_info(error, node, context)
        pair: JsonObject = {"Error": info.error_type, "Cause": info.error[:1000]}
        context.journal.record(node, status=FAILED, at=clock.now(), error=pair)
        raise NodeFailed(info) from error
    keys: JsonObject = {"keys": list(outcome.writes)}
    entry: JsonObject = {"output": keys, **outcome.entry}
    context.journal.record(node, status=COMPLETED, at=clock.now(), **entry)
    return outcome.writes


def run_in_order(
    nodes: Iterable[JsonObject], state: JsonObject, context: NodeContext
) -> JsonObject:
    """What some nodes write, each seeing what those before it wrote.

    Raises:
        NodeFailed: One of them failed.
    """
    writes: JsonObject = {}
    for node in nodes:
        writes.update(context.run_node(node, {**state, **writes}, context))
    return writes


def _error_info(
    error: AttemptsExhausted | NodeFailed, node: JsonObject, context: NodeContext
) -> ErrorInfo:
    if isinstance(error, NodeFailed):
        return error.info
    last = error.last
    return ErrorInfo(
        error_type=last.error_type,
        error=last.cause,
        node_id=str(node["id"]),
        segment_id=context.position.segment,
        retryable=last.retryable,
        attempts=error.attempts,
        branch_errors=last.branch_errors,
    )
