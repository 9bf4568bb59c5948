"""for_each: runs the nodes of a sub-workflow once per element of a list."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.expressions import parse_path
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.node_errors import NodeError
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.nodes.execution import NodeFailed, run_in_order

DEFAULT_MAX_ITERATIONS = 20


def run_for_each(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write, in item order, what the nodes wrote for each item; a long list is offloaded."""
    config = node["config"] if isinstance(node["config"], dict) else {}
    items = _items(config, state, context)
    nodes = _nodes(config)
    item_key = str(config.get("item_key") or "item")
    results: list[Json] = []
    for item in items:
        results.append(_result(nodes, {**state, item_key: item}, config, context))
    output_key = str(config.get("output_key") or "for_each_results")
    kept = context.services.offload(str(node["id"]), results)
    return NodeOutcome(writes={output_key: kept}, entry={"details": {"items": len(items)}})


def _items(config: JsonObject, state: JsonObject, context: NodeContext) -> list[Json]:
    items = context.view(state).get(parse_path(str(config["input_list_key"])))
    if not isinstance(items, list):
        raise NodeError("NotAList", f"{config['input_list_key']} is not a list")
    given = config.get("max_iterations")
    most = given if isinstance(given, int) else DEFAULT_MAX_ITERATIONS
    if len(items) > most:
        raise NodeError("TooManyItems", f"{len(items)} items, at most {most} are allowed")
    return items


def _nodes(config: JsonObject) -> list[JsonObject]:
    sub_workflow = config.get("sub_workflow")
    return objects(sub_workflow.get("nodes")) if isinstance(sub_workflow, dict) else []


def _result(
    nodes: list[JsonObject], state: JsonObject, config: JsonObject, context: NodeContext
) -> Json:
    try:
        return run_in_order(nodes, state, context)
    except NodeFailed as failed:
        if config.get("on_error") != "collect":
            raise
        return {"error": {"Error": failed.info.error_type, "Cause": failed.info.error}}
