"""operator and operator_official: literal values, and the closed set of strategies."""

from collections.abc import Callable

from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode_canonical
from tasks.smart_statebag.workflow.expressions import ExpressionTypeError, parse_path
from tasks.smart_statebag.workflow.node_errors import NodeError
from tasks.smart_statebag.workflow.nodes.context import NodeContext, NodeOutcome
from tasks.smart_statebag.workflow.operators import (
    DEFERRED_PARAMS,
    STRATEGIES,
    StrategyCall,
    StrategyError,
)
from tasks.smart_statebag.workflow.templates import render_value


def run_operator(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write the keys of ``sets``."""
    config = _config(node)
    if "code" in config:
        raise NodeError("CodeRefused", "an operator's code is not run")
    sets = config.get("sets")
    return NodeOutcome(writes=sets if isinstance(sets, dict) else {})


def run_operator_official(node: JsonObject, state: JsonObject, context: NodeContext) -> NodeOutcome:
    """Write what the strategy gives to ``output_key``, by default ``{id}_result``."""
    config = _config(node)
    name = str(config.get("strategy"))
    output_key = str(config.get("output_key") or f"{node['id']}_result")
    call = _call(node, config, state, context)
    try:
        value = STRATEGIES[name](call)
    except (StrategyError, ExpressionTypeError) as error:
        handle = _ERROR_HANDLINGS[str(config.get("error_handling") or "fail")]
        return handle(config, output_key, NodeError("StrategyFailed", f"{name}: {error}"))
    entry = _log_entry(call.params, value) if name == "log" else {}
    return NodeOutcome(writes={output_key: value}, entry=entry)


def _call(
    node: JsonObject, config: JsonObject, state: JsonObject, context: NodeContext
) -> StrategyCall:
    view = context.view(state)
    if config.get("input_key") is not None:
        value = view.get(parse_path(str(config["input_key"])))
    else:
        value = render_value(config.get("input"), view)
    given = config.get("params")
    deferred = DEFERRED_PARAMS.get(str(config.get("strategy")))
    params: JsonObject = {
        key: param if key == deferred else render_value(param, view)
        for key, param in (given if isinstance(given, dict) else {}).items()
    }
    return StrategyCall(
        value=value,
        params=params,
        view=view,
        seed=_seed(node, context),
        now=context.services.clock.now(),
    )


def _seed(node: JsonObject, context: NodeContext) -> str:
    position = context.position
    parts: list[Json] = [position.execution_id, position.scope, position.loop, node["id"]]
    return encode_canonical([*parts, context.journal.count_of(str(node["id"]))]).decode()


def _log_entry(params: JsonObject, message: Json) -> JsonObject:
    """A log node's entry; it may set its own id."""
    own_id = params.get("id")
    entry: JsonObject = {"type": "log", "content": message, "details": params.get("details")}
    return {**entry, "id": own_id} if isinstance(own_id, str) and own_id else entry


def _fail(config: JsonObject, output_key: str, error: NodeError) -> NodeOutcome:
    raise error


def _fall_back(config: JsonObject, output_key: str, error: NodeError) -> NodeOutcome:
    return NodeOutcome(writes={output_key: config.get("fallback")}, entry={"error": str(error)})


def _skip(config: JsonObject, output_key: str, error: NodeError) -> NodeOutcome:
    return NodeOutcome(entry={"error": str(error)})


def _config(node: JsonObject) -> JsonObject:
    config = node.get("config")
    return config if isinstance(config, dict) else {}


_ERROR_HANDLINGS: dict[str, Callable[[JsonObject, str, NodeError], NodeOutcome]] = {
    "fail": _fail,
    "fallback": _fall_back,
    "skip": _skip,
}
