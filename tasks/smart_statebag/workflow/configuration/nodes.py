"""Normalising nodes: one name for each type, one encoding of nested parts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.edges import is_hitp_edge, normalise_edges
from tasks.smart_statebag.workflow.configuration.limits import (
    MAX_ID_LENGTH,
    MAX_SUBGRAPH_DEPTH,
    Limits,
)
from tasks.smart_statebag.workflow.configuration.node_checks import check_config
from tasks.smart_statebag.workflow.configuration.problems import Problems
from tasks.smart_statebag.workflow.configuration.vocabulary import (
    LATER_NODE_TYPES,
    LLM_CHAT,
    NODE_TYPES,
)

_PROMPT_ALIASES = ("prompt_content", "prompt_template", "user_prompt_template")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationContext:
    """The context of nodes: ids in use, what is allowed there, where problems are collected."""

    problems: Problems
    limits: Limits
    subgraph_names: frozenset[str]
    taken: set[str] = field(default_factory=set)
    depth: int = 0
    subgraph_depth: int = 0
    holder: str | None = None

    def inside(self, holder: str, *, subgraph: bool = False) -> "ValidationContext":
        """Within a loop, for_each or subgraph, which has its own ids and no hitp nodes."""
        deeper = self.subgraph_depth + subgraph
        return replace(
            self, taken=set(), depth=self.depth + 1, subgraph_depth=deeper, holder=holder
        )


def normalise_graph(graph: JsonObject, place: str, context: ValidationContext) -> JsonObject:
    """An object with ``nodes`` and ``edges``, both normalised; its other members are kept."""
    problems = context.problems
    if context.depth > context.limits.max_depth:
        problems.add(place, f"is nested deeper than {context.limits.max_depth}")
        return graph
    nodes = [
        _normalise_node(node, f"{place}/nodes/{index}", context)
        for index, node in enumerate(problems.objects_at(graph, "nodes", place))
    ]
    ids = {str(node.get("id")) for node in nodes}
    given = problems.objects_at(graph, "edges", place)
    edges = normalise_edges(given, ids, f"{place}/edges", problems)
    if context.holder is not None and any(map(is_hitp_edge, edges)):
        problems.add_unsupported(f"{place}/edges", f"hitp inside a {context.holder}")
    return {**graph, "nodes": list(nodes), "edges": list(edges)}


def _normalise_node(node: JsonObject, place: str, context: ValidationContext) -> JsonObject:
    _check_id(node.get("id"), place, context)
    node_type = _node_type(node.get("type"), place, context.problems)
    config = {**context.problems.object_at(node, "config", place)}
    hitp = node.get("hitp") is True or config.get("hitp") is True
    if hitp and context.holder is not None:
        context.problems.add_unsupported(place, f"hitp inside a {context.holder}")
    normal: JsonObject = {**node, "type": node_type, "hitp": hitp, "config": config}
    if "code" in node and node_type == "operator":
        config.setdefault("code", node["code"])
    nest = _NESTING.get(node_type)
    if nest is not None:
        nest(normal, config, place, context)
    check_config(node_type, config, f"{place}/config", context.problems)
    return normal


def _check_id(node_id: Json, place: str, context: ValidationContext) -> None:
    if not isinstance(node_id, str) or not node_id or len(node_id) > MAX_ID_LENGTH:
        context.problems.add(f"{place}/id", f"is not a text of 1 to {MAX_ID_LENGTH} characters")
    elif node_id in context.taken:
        context.problems.add(f"{place}/id", f"{node_id!r} is used twice")
    else:
        context.taken.add(node_id)


def _node_type(given: Json, place: str, problems: Problems) -> str:
    name = given.lower() if isinstance(given, str) else ""
    if name in LATER_NODE_TYPES:
        problems.add_unsupported(f"{place}/type", f"{name} is not supported yet")
    elif name not in NODE_TYPES:
        problems.add(f"{place}/type", f"{given!r:.100} is not a node type")
    return NODE_TYPES.get(name, name)


def _nest_llm(
    normal: JsonObject, config: JsonObject, place: str, context: ValidationContext
) -> None:
    prompts = [config.pop(alias) for alias in _PROMPT_ALIASES if alias in config]
    given = [prompt for prompt in prompts if prompt is not None]
    if given:
        config["prompt_content"] = given[0]


def _nest_group(
    normal: JsonObject, config: JsonObject, place: str, context: ValidationContext
) -> None:
    """``branches`` and ``resource_policy`` stand on the node, wherever they were given."""
    if context.holder is not None and context.holder != "subgraph":
        context.problems.add_unsupported(place, f"a parallel_group inside a {context.holder}")
    for key in ("branches", "resource_policy"):
        within = config.pop(key, None)
        if normal.get(key) is None and within is not None:
            normal[key] = within
    if normal.get("branches") is None:
        return
    deeper = replace(context, depth=context.depth + 1)
    normal["branches"] = [
        _normalise_branch(branch, index, f"{place}/branches/{index}", deeper)
        for index, branch in enumerate(context.problems.objects_at(normal, "branches", place))
    ]
    _check_branch_ids(normal, place, context.problems)


def _normalise_branch(
    branch: JsonObject, index: int, place: str, context: ValidationContext
) -> JsonObject:
    graph = normalise_graph(branch, place, context)
    branch_id = branch.get("branch_id")
    return {**graph, "branch_id": f"branch_{index}" if branch_id is None else branch_id}


def _check_branch_ids(normal: JsonObject, place: str, problems: Problems) -> None:
    seen: list[Json] = []
    branches = normal["branches"]
    for branch in branches if isinstance(branches, list) else []:
        branch_id = branch.get("branch_id") if isinstance(branch, dict) else None
        if not isinstance(branch_id, str) or branch_id in seen:
            problems.add(f"{place}/branches", f"{branch_id!r:.140} is not a unique branch_id")
        seen.append(branch_id)


def _nest_for_each(
    normal: JsonObject, config: JsonObject, place: str, context: ValidationContext
) -> None:
    sub_workflow = context.problems.object_at(config, "sub_workflow", f"{place}/config")
    inside = context.inside("for_each")
    config["sub_workflow"] = normalise_graph(sub_workflow, f"{place}/config/sub_workflow", inside)


def _nest_loop(
    normal: JsonObject, config: JsonObject, place: str, context: ValidationContext
) -> None:
    body: JsonObject = {"nodes": config.get("nodes")}
    config["nodes"] = normalise_graph(body, f"{place}/config", context.inside("loop"))["nodes"]


def _nest_subgraph(
    normal: JsonObject, config: JsonObject, place: str, context: ValidationContext
) -> None:
    """``subgraph_inline``, ``subgraph_ref`` and the mappings stand in ``config``."""
    for key in ("subgraph_inline", "subgraph_ref", "input_mapping", "output_mapping"):
        on_node = normal.pop(key, None)
        if config.get(key) is None and on_node is not None:
            config[key] = on_node
    inline, reference = config.get("subgraph_inline"), config.get("subgraph_ref")
    if inline is not None:
        if context.subgraph_depth >= MAX_SUBGRAPH_DEPTH:
            context.problems.add(place, f"subgraphs nest deeper than {MAX_SUBGRAPH_DEPTH}")
            return
        graph = context.problems.object_at(config, "subgraph_inline", f"{place}/config")
        inside = context.inside("subgraph", subgraph=True)
        config["subgraph_inline"] = normalise_graph(
            graph, f"{place}/config/subgraph_inline", inside
        )
    elif reference not in context.subgraph_names:
        context.problems.add(
            f"{place}/config/subgraph_ref", f"{reference!r:.140} is not a subgraph"
        )


_NESTING: dict[str, Callable[[JsonObject, JsonObject, str, ValidationContext], None]] = {
    LLM_CHAT: _nest_llm,
    "parallel_group": _nest_group,
    "for_each": _nest_for_each,
    "loop": _nest_loop,
    "subgraph": _nest_subgraph,
}
