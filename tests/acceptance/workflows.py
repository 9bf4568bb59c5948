"""The workflows of the acceptance tests (Contract 12, "Fixture")."""

from itertools import pairwise
from typing import Any

KOREAN_WORD = "상태 가방은 큰 자료를 나르지 않는다. "
KOREAN_TEXT = (KOREAN_WORD * 1000).encode()[: 40 * 1024 // 3 * 3].decode(errors="ignore")
"""40 KB in UTF-8, a third of that in characters."""

FILLER = "기록" * (5 * 1024 // 6)
"""5 KB."""

Node = dict[str, Any]
Workflow = dict[str, Any]


def node(node_id: str, kind: str, **config: Any) -> Node:
    """A node of a type."""
    return {"id": node_id, "type": kind, "config": config}


def strategy(node_id: str, name: str, **config: Any) -> Node:
    """A node that runs one of the closed set of strategies."""
    return node(node_id, "operator_official", strategy=name, **config)


def failing(node_id: str, message: str = "not so") -> Node:
    """A node that always fails, with ``StrategyFailed``."""
    return strategy(node_id, "assert", input=False, params={"message": message})


def log(node_id: str, message: str, entry_id: str | None = None) -> Node:
    """A node whose history entry carries a message, and perhaps an id of its own."""
    params = {} if entry_id is None else {"id": entry_id}
    return strategy(node_id, "log", input=message, params=params, output_key="logged")


def appending(node_id: str, key: str, number: int) -> Node:
    """A node that appends its number to a list."""
    return strategy(node_id, "list_append", input_key=key, params={"item": number}, output_key=key)


def hitp(node_id: str) -> Node:
    """A node that waits for a person before it runs."""
    return {**strategy(node_id, "echo", input="asked", output_key=f"{node_id}_done"), "hitp": True}


def edges(*chains: str) -> list[dict[str, str]]:
    """``a b c`` as edges from a to b and from b to c."""
    pairs = [pair for chain in chains for pair in pairwise(chain.split())]
    return [{"source": source, "target": target} for source, target in pairs]


def cut_chain(nodes: list[Node], size: int = 1) -> Workflow:
    """Nodes one after another, ``size`` to a segment: a conditional edge always cuts."""
    links: list[dict[str, Any]] = edges(" ".join(each["id"] for each in nodes))
    for link in links[size - 1 :: size]:
        link["condition"] = "true"
    return {"nodes": nodes, "edges": links}


def chain14() -> Workflow:
    """Seven llm and seven operator segments in turn; each of the latter logs with id "setup"."""
    nodes = [
        each
        for number in range(7)
        for each in (
            node(f"ask{number}", "llm_chat", prompt_content=f"Line {number} of a song about tea"),
            node(f"set{number}", "operator", sets={f"verse{number}": f"verse {number}"}),
            log(f"log{number}", "set up", "setup"),
        )
    ]
    return {"nodes": nodes, "edges": edges(" ".join(each["id"] for each in nodes))}


def big() -> Workflow:
    """A large text, an LLM, a person, a group of three branches, an end."""
    nodes = [
        node("begin", "trigger"),
        node("set", "operator", sets={"text": KOREAN_TEXT, "findings": []}),
        node("ask", "llm_chat", prompt_content="What is a bag?", output_key="answer"),
        hitp("check"),
        *(appending(f"find{number}", "findings", number) for number in range(3)),
        node("end", "operator", sets={"ended": True}),
    ]
    fans = [f"check find{number} end" for number in range(3)]
    return {"nodes": nodes, "edges": edges("begin set ask check", *fans)}


def parallel_heavy(*, workflow_type: str, branch_count: int) -> Workflow:
    """A start, branches with an operator and an LLM each, and a join."""
    assert workflow_type == "parallel_heavy"
    chains = [f"start b{n} find{n} ask{n} join" for n in range(branch_count)]
    branches = [each for number in range(branch_count) for each in branch(number)]
    start = node("start", "operator", sets={"findings": []})
    join = node("join", "operator", sets={"joined": True})
    return {"nodes": [start, *branches, join], "edges": edges(*chains)}


def branch(number: int) -> list[Node]:
    """Twelve KB for a key of its own, its number for a shared list, a prompt of 2 KB."""
    return [
        node(f"b{number}", "operator", sets={f"b{number}": f"{number:04d}" * 3072}),
        appending(f"find{number}", "findings", number),
        node(f"ask{number}", "llm_chat", prompt_content=f"{number:04d}" * 512),
    ]


def par25() -> Workflow:
    """The group of 25 branches."""
    return parallel_heavy(workflow_type="parallel_heavy", branch_count=25)


def batch12() -> Workflow:
    """Twelve LLM nodes that nothing connects, and that write one key besides their own."""
    return {
        "nodes": [
            node(f"n{number}", "llm_chat", prompt_content=f"Item {number}", output_key="latest")
            for number in range(12)
        ],
        "edges": [],
    }


def dist310h() -> Workflow:
    """310 operators that nothing connects, of which one asks a person."""
    nodes = [appending(f"n{number}", "sequence", number) for number in range(310)]
    nodes[155]["hitp"] = True
    return {"nodes": nodes, "edges": []}


def dist310() -> Workflow:
    """310 segments of which each depends on the one before."""
    return cut_chain([appending(f"n{number}", "sequence", number) for number in range(310)])


def dist1000() -> Workflow:
    """A thousand nodes that nothing connects, every third an LLM."""
    return {"nodes": [_mixed(number) for number in range(1000)], "edges": []}


def _mixed(number: int) -> Node:
    if number % 3 == 0:
        return node(f"n{number}", "llm_chat", prompt_content=f"Item {number}")
    return appending(f"n{number}", "sequence", number)


def sixty_logs() -> Workflow:
    """Sixty log entries of 5 KB, five to a segment."""
    chain = cut_chain([log(f"log{n}", f"{n} {{{{ filler }}}}") for n in range(60)], size=5)
    return {**chain, "initial_state": {"filler": FILLER}}


def two_groups() -> Workflow:
    """Two groups of two branches, one after the other."""
    nodes = [
        node("start", "operator", sets={"first": [], "second": []}),
        *(appending(f"first{number}", "first", number) for number in range(2)),
        node("between", "operator", sets={"between": True}),
        *(appending(f"second{number}", "second", number) for number in range(3)),
        node("end", "operator", sets={"ended": True}),
    ]
    first = [f"start first{number} between" for number in range(2)]
    second = [f"between second{number} end" for number in range(3)]
    return {"nodes": nodes, "edges": edges(*first, *second)}
