"""loop: repeats some nodes until a condition holds."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.expressions import is_true, parse_expression
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.nodes.execution import run_in_order

DEFAULT_MAX_ITERATIONS = 5


def run_loop(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write what the nodes wrote, ``loop_exit_reason`` and ``loop_max_reached``.

    The condition is evaluated after each pass; only the nodes inside see the pass's number.
    """
    config = node["config"] if isinstance(node["config"], dict) else {}
    given = config.get("max_iterations")
    most = given if isinstance(given, int) else DEFAULT_MAX_ITERATIONS
    counter = str(config.get("loop_var") or "loop_index")
    writes: JsonObject = {}
    met = False
    for index in range(most):
        inside: JsonObject = {**state, **writes, counter: index}
        writes = {**writes, **run_in_order(objects(config.get("nodes")), inside, context)}
        met = _exit(config, {**inside, **writes}, context)
        if met:
            break
    reason = "condition" if met else "max_iterations"
    return NodeOutcome(
        writes={**writes, "loop_exit_reason": reason, "loop_max_reached": not met},
        entry={"details": {"passes": index + 1, "exit": reason}},
    )


def _exit(config: JsonObject, state: JsonObject, context: NodeContext) -> bool:
    condition = config.get("condition")
    if not isinstance(condition, str):
        return False
    return is_true(parse_expression(condition), context.view(state))
