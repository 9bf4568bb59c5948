"""Normalising a configuration into the form that all other code reads (Contract 6.3.1)."""

from tasks.smart_statebag.bag.errors import ConfigProblem, InvalidWorkflowConfig
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.limits import MAX_EDGES, Limits
from tasks.smart_statebag.workflow.configuration.nodes import ValidationContext, normalise_graph
from tasks.smart_statebag.workflow.configuration.problems import Problems
from tasks.smart_statebag.workflow.configuration.vocabulary import (
    FAILURE_POLICIES,
    MERGE_POLICIES,
    NODE_ERROR_POLICIES,
)


def normalise(configuration: Json, limits: Limits | None = None) -> JsonObject:
    """The configuration with types resolved, nested parts in one encoding, mappings as edges.

    The result is a new object; a normalised configuration normalises to itself.

    Raises:
        InvalidWorkflowConfig: With every problem and its place.
        UnsupportedTopology: A construct is valid but not supported where it stands.
    """
    if not isinstance(configuration, dict) or not configuration.get("nodes"):
        nothing = ConfigProblem(place="", message="there is no configuration with nodes")
        raise InvalidWorkflowConfig((nothing,))
    problems = Problems()
    limits = limits or Limits.from_environment()
    _check_top_level(configuration, problems)
    subgraphs = problems.object_at(configuration, "subgraphs", "")
    context = ValidationContext(
        problems=problems, limits=limits, subgraph_names=frozenset(subgraphs)
    )
    normal = normalise_graph(configuration, "", context)
    normal["subgraphs"] = _normalise_subgraphs(subgraphs, context)
    _check_sizes(normal, limits, problems)
    problems.raise_any()
    return normal


def count_nodes(graph: Json) -> int:
    """Nodes of a graph and of everything nested in them."""
    if isinstance(graph, list):
        return sum(map(count_nodes, graph))
    if not isinstance(graph, dict):
        return 0
    nodes = graph.get("nodes")
    return (len(nodes) if isinstance(nodes, list) else 0) + sum(
        count_nodes(graph[key])
        for key in ("nodes", "branches", "config", "sub_workflow", "subgraph_inline")
        if key in graph
    )


def _normalise_subgraphs(subgraphs: JsonObject, context: ValidationContext) -> JsonObject:
    normal: JsonObject = {}
    for name in subgraphs:
        graph = context.problems.object_at(subgraphs, name, "/subgraphs")
        inside = context.inside("subgraph", subgraph=True)
        normal[name] = normalise_graph(graph, f"/subgraphs/{name}", inside)
    return normal


def _check_top_level(configuration: JsonObject, problems: Problems) -> None:
    problems.object_at(configuration, "initial_state", "")
    problems.check_whole(configuration, "max_loop_iterations", "")
    problems.check_whole(configuration, "max_branch_iterations", "")
    problems.check_whole(configuration, "max_concurrency", "", most=100)
    problems.check_word(configuration, "failure_policy", "", FAILURE_POLICIES)
    problems.check_word(configuration, "merge_policy", "", MERGE_POLICIES)
    problems.check_word(configuration, "node_error_policy", "", NODE_ERROR_POLICIES)


def _check_sizes(normal: JsonObject, limits: Limits, problems: Problems) -> None:
    nodes = count_nodes(normal)
    if nodes > limits.max_nodes:
        problems.add("/nodes", f"{nodes} nodes, at most {limits.max_nodes} are allowed")
    edges = normal.get("edges")
    if isinstance(edges, list) and len(edges) > MAX_EDGES:
        problems.add("/edges", f"{len(edges)} edges, at most {MAX_EDGES} are allowed")
