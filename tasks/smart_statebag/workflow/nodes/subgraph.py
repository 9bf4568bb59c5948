"""subgraph: runs a workflow within a node, on a state of its own."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.configuration.limits import MAX_SUBGRAPH_DEPTH
from tasks.smart_statebag.workflow.node_errors import NodeError
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome


def run_subgraph(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write the mapped keys of the child's final state."""
    config = node["config"] if isinstance(node["config"], dict) else {}
    if context.subgraph_depth >= MAX_SUBGRAPH_DEPTH:
        raise NodeError("SubgraphTooDeep", f"subgraphs nest deeper than {MAX_SUBGRAPH_DEPTH}")
    child: JsonObject = {
        inner: state.get(outer) for outer, inner in _mapping(config, "input_mapping").items()
    }
    final = context.run_graph(_graph(config, context), child, context.deeper())
    writes: JsonObject = {
        outer: final.get(inner) for inner, outer in _mapping(config, "output_mapping").items()
    }
    return NodeOutcome(writes=writes)


def _graph(config: JsonObject, context: NodeContext) -> JsonObject:
    inline = config.get("subgraph_inline")
    graph = inline if inline is not None else context.subgraphs.get(str(config["subgraph_ref"]))
    if not isinstance(graph, dict):
        raise NodeError("SubgraphMissing", f"there is no subgraph {config.get('subgraph_ref')}")
    return graph


def _mapping(config: JsonObject, key: str) -> dict[str, str]:
    mapping = config.get(key)
    members = mapping if isinstance(mapping, dict) else {}
    return {name: str(target) for name, target in members.items()}
