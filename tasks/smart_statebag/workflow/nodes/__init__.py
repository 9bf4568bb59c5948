"""The node types of workflows, one module each, behind one dispatch table (Contract 6.5)."""

from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome, NodeServices
from tasks.smart_statebag.workflow.nodes.dispatch import RUN_NODE, run_node
from tasks.smart_statebag.workflow.nodes.execution import NodeFailed

__all__ = ["RUN_NODE", "NodeContext", "NodeFailed", "NodeOutcome", "NodeServices", "run_node"]
