"""Nodes that mark a place in the graph and write nothing."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome


def run_nothing(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Leave the state as it is."""
    return NodeOutcome()
