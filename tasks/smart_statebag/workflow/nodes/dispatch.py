"""The function that runs each node type."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.nodes.api_call import run_api_call
from tasks.smart_statebag.workflow.nodes.context import NodeContext
from tasks.smart_statebag.workflow.nodes.execution import RunNode, execute
from tasks.smart_statebag.workflow.nodes.for_each import run_for_each
from tasks.smart_statebag.workflow.nodes.llm_chat import run_llm_chat
from tasks.smart_statebag.workflow.nodes.loop import run_loop
from tasks.smart_statebag.workflow.nodes.nothing import run_nothing
from tasks.smart_statebag.workflow.nodes.operator import run_operator, run_operator_official
from tasks.smart_statebag.workflow.nodes.subgraph import run_subgraph

RUN_NODE: Mapping[str, RunNode] = MappingProxyType(
    {
        "operator": run_operator,
        "operator_official": run_operator_official,
        "llm_chat": run_llm_chat,
        "for_each": run_for_each,
        "loop": run_loop,
        "subgraph": run_subgraph,
        "api_call": run_api_call,
        "parallel_group": run_nothing,  # one without branches is only a marker
        "aggregator": run_nothing,
        "input": run_nothing,
        "output": run_nothing,
        "start": run_nothing,
        "end": run_nothing,
        "trigger": run_nothing,
    }
)


def run_node(node: JsonObject, state: JsonObject, context: NodeContext) -> JsonObject:
    """What a node writes over a state.

    Raises:
        NodeFailed: The node failed.
    """
    return execute(RUN_NODE[str(node["type"])], node, state, context)
