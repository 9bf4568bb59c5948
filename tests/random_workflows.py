"""Workflows drawn at random: any acyclic graph, with routers, groups, loops' back edges aside."""

from hypothesis import strategies as st

from tasks.smart_statebag.bag.json_value import JsonObject


@st.composite
def workflows(draw: st.DrawFn, *, routers: bool = True, prefix: str = "n") -> JsonObject:
    """A graph of up to nine nodes with edges from earlier to later ones."""
    size = draw(st.integers(1, 9))
    ids = [f"{prefix}{index}" for index in range(size)]
    pairs = [(low, high) for high in range(size) for low in range(high)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    deciders = draw(st.sets(st.sampled_from(ids), max_size=3)) if routers else set()
    edges: list[JsonObject] = [
        _edge(ids[low], ids[high], number, ids[low] in deciders)
        for number, (low, high) in enumerate(chosen)
    ]
    order = draw(st.permutations(ids))
    predecessors = {
        ids[high]: [ids[low] for low, other in chosen if other == high] for high in range(size)
    }
    nodes = [draw(_nodes(node, predecessors[node])) for node in order]
    return {"nodes": nodes, "edges": edges}


def _edge(source: str, target: str, number: int, conditional: bool) -> JsonObject:
    plain: JsonObject = {"source": source, "target": target}
    # About every other edge of a decider is its default or not taken at all.
    if not conditional or number % 4 == 3:
        return plain
    return {**plain, "condition": f"{source}_result != 'x' and {number % 2} == 0"}


@st.composite
def _nodes(draw: st.DrawFn, node: str, predecessors: list[str]) -> JsonObject:
    """Reads what its predecessors wrote, writes its own key; some append to a shared list."""
    kind = draw(st.sampled_from(["concat", "concat", "llm", "append", "group"]))
    read = "".join(f"{{{{ {before}_result }}}}" for before in predecessors)
    if kind == "llm":
        config: JsonObject = {"prompt_content": f"{node} {read}", "output_key": f"{node}_result"}
        return {"id": node, "type": "llm_chat", "config": config}
    if kind == "append":
        return {
            "id": node,
            "type": "operator_official",
            "config": {
                "strategy": "list_append",
                "input_key": "seen",
                "params": {"item": node},
                "output_key": "seen",
            },
        }
    if kind == "group":
        return {
            "id": node,
            "type": "parallel_group",
            "branches": [
                {"nodes": [_concat(f"{node}b{index}", read)]}
                for index in range(draw(st.integers(0, 3)))
            ],
        }
    return _concat(node, read)


def _concat(node: str, read: str) -> JsonObject:
    config: JsonObject = {"strategy": "string_template", "params": {"template": f"{node}<{read}>"}}
    return {"id": node, "type": "operator_official", "config": config}
