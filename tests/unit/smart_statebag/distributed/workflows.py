"""Workflows of which each node is a segment of its own."""

from tasks.smart_statebag.bag.json_value import JsonObject


def unconnected(count: int) -> JsonObject:
    """Nodes nothing connects; each appends its number to ``sequence``."""
    return {"nodes": [appending(number) for number in range(count)], "edges": []}


def chained(
    count: int, *, hitp: int | None = None, back: tuple[int, int] | None = None
) -> JsonObject:
    """A chain of segments, each appending its number.

    Args:
        hitp: The one that waits for a person.
        back: A loop from one to an earlier one while ``again`` holds.
    """
    nodes = [appending(number) for number in range(count)]
    edges: list[JsonObject] = [
        # A condition that always holds cuts the chain between any two nodes.
        {"source": f"n{number}", "target": f"n{number + 1}", "condition": "true"}
        for number in range(count - 1)
    ]
    if hitp is not None:
        nodes[hitp]["hitp"] = True
    if back is not None:
        later, earlier = back
        edge: JsonObject = {
            "source": f"n{later}",
            "target": f"n{earlier}",
            "condition": "again",
            "data": {"isBackEdge": True},
        }
        edges.append(edge)
    return {"nodes": list(nodes), "edges": list(edges)}


def appending(number: int) -> JsonObject:
    """A node that appends a number to ``sequence``."""
    return {
        "id": f"n{number}",
        "type": "operator_official",
        "config": {
            "strategy": "list_append",
            "input_key": "sequence",
            "params": {"item": number},
            "output_key": "sequence",
        },
    }


def failing(node_id: str) -> JsonObject:
    """A node that always fails."""
    return {
        "id": node_id,
        "type": "operator_official",
        "config": {
            "strategy": "assert",
            "input": False,
            "params": {"message": "not so"},
        },
    }
