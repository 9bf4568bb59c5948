"""Edges: router mappings become edges, conditions parse, endpoints exist."""

from tasks.smart_statebag.bag.json_value import Json, JsonObject, encode
from tasks.smart_statebag.workflow.configuration.problems import Problems
from tasks.smart_statebag.workflow.configuration.vocabulary import EDGE_TYPES, HITP_EDGE_TYPES
from tasks.smart_statebag.workflow.expressions import parse_expression

ROUTER_CHOICE = "__router_result.selected_branch"


def normalise_edges(
    edges: list[JsonObject], node_ids: set[str], place: str, problems: Problems
) -> list[JsonObject]:
    """The edges with lower-case types, mappings written out, repetitions left out."""
    expanded: list[JsonObject] = []
    for index, edge in enumerate(edges):
        for each in _expand(edge, f"{place}/{index}", problems):
            _check(each, node_ids, f"{place}/{index}", problems)
            expanded.append(each)
    return _without_repetitions(expanded)


def is_back_edge(edge: JsonObject) -> bool:
    """Whether the edge declares that it closes a loop."""
    data = edge.get("data")
    return isinstance(data, dict) and data.get("isBackEdge") is True


def is_conditional(edge: JsonObject) -> bool:
    """Whether the edge is taken only if its condition holds."""
    return edge.get("condition") is not None


def is_hitp_edge(edge: JsonObject) -> bool:
    """Whether the edge's target runs only after a person's answer."""
    return edge.get("type") in HITP_EDGE_TYPES


def _expand(edge: JsonObject, place: str, problems: Problems) -> list[JsonObject]:
    """One conditional edge per member of ``mapping``; a target beside it is the default."""
    plain = {key: value for key, value in edge.items() if key != "mapping"}
    plain["type"] = _edge_type(edge, place, problems)
    if edge.get("condition") in (None, ""):
        plain.pop("condition", None)
    if edge.get("mapping") is None:
        return [plain]
    mapping = problems.object_at(edge, "mapping", place)
    expanded: list[JsonObject] = [
        {**plain, "target": target, "condition": f"{ROUTER_CHOICE} == {encode(value).decode()}"}
        for value, target in mapping.items()
    ]
    if edge.get("target") is not None:
        expanded.append({**plain, "type": "edge"})
    return expanded


def _edge_type(edge: JsonObject, place: str, problems: Problems) -> Json:
    given = edge.get("type")
    edge_type = given.lower() if isinstance(given, str) else given
    if edge_type is None:
        return "edge"
    if edge_type not in EDGE_TYPES:
        problems.add(f"{place}/type", f"{given!r:.100} is not an edge type")
    return edge_type


def _check(edge: JsonObject, node_ids: set[str], place: str, problems: Problems) -> None:
    for end in ("source", "target"):
        if edge.get(end) not in node_ids:
            problems.add(f"{place}/{end}", f"{edge.get(end)!r:.140} is not a node")
    if is_conditional(edge):
        problems.check_parses(parse_expression, edge["condition"], f"{place}/condition")
    elif edge.get("type") == "conditional_edge":
        problems.add(place, "a conditional_edge needs a condition or a mapping")
    elif is_back_edge(edge):
        problems.add(place, "a back edge needs a condition")


def _without_repetitions(edges: list[JsonObject]) -> list[JsonObject]:
    """Each edge between two nodes once; of plain repetitions a hitp edge is kept."""
    kept: dict[tuple[str, str, str, bool], JsonObject] = {}
    for edge in edges:
        ends = (str(edge.get("source")), str(edge.get("target")))
        key = (*ends, str(edge.get("condition", "")), is_back_edge(edge))
        if key not in kept or is_hitp_edge(edge):
            kept[key] = edge
    return list(kept.values())
