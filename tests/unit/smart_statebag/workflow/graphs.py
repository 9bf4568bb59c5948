"""Short notation for configurations in tests."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.configuration import normalise
from tasks.smart_statebag.workflow.partitioning import Entry, partition


def chain_edges(text: str) -> list[JsonObject]:
    """``a->b->c, a->d`` as edges; ``a-[x > 1]->b`` has a condition."""
    edges: list[JsonObject] = []
    for chain in text.split(","):
        parts = chain.strip().replace("]->", "]").replace("->", "-[]").split("-[")
        source = parts[0].strip()
        for part in parts[1:]:
            condition, target = (piece.strip() for piece in part.split("]", 1))
            edge: JsonObject = {"source": source, "target": target}
            edges.append({**edge, "condition": condition} if condition else edge)
            source = target
    return edges


def workflow(text: str, *, llm: str = "", hitp: str = "", alone: str = "") -> JsonObject:
    """Operators that set their own key, joined by edges; some are llm_chat, some ask a person."""
    edges = chain_edges(text)
    ends = [str(edge[end]) for edge in edges for end in ("source", "target")]
    single = [chain.strip() for chain in text.split(",") if chain.strip() and "->" not in chain]
    ids = list(dict.fromkeys([*ends, *single, *alone.split()]))
    nodes: list[JsonObject] = [
        {"id": node, "type": "llm_chat", "config": {"prompt_content": node}}
        if node in llm.split()
        else {"id": node, "type": "operator", "config": {"sets": {node: True}}}
        for node in ids
    ]
    for node in nodes:
        node["hitp"] = node["id"] in hitp.split()
    return {"nodes": list(nodes), "edges": list(edges)}


def mapped(configuration: JsonObject) -> list[Entry]:
    """The partition map of a configuration as it is given."""
    return partition(normalise(configuration))


def outline(partition_map: list[Entry]) -> str:
    """``normal(a, b) parallel_group[normal(p) | normal(q)] aggregator`` in the map's order."""
    return " ".join(map(_outline_entry, partition_map))


def _outline_entry(entry: Entry) -> str:
    if entry["type"] == "aggregator":
        return "aggregator"
    if entry["type"] == "parallel_group":
        inner = " | ".join(outline(branch["partition_map"]) for branch in entry["branches"])
        return f"parallel_group[{inner}]"
    return f"{entry['type']}({', '.join(entry['node_ids'])})"
