"""A graph as a Mermaid flowchart, for Markdown."""

from collections.abc import Iterator

from pipeline.console.graphs.graph import Scope, State, all_states

_SHAPES = {"Choice": ("{", "}"), "Succeed": ("([", "])"), "Fail": ("([", "])")}
_SPECIAL = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;", "#": "&num;"}


def mermaid(graph: Scope) -> str:
    """The flowchart of a definition; nested scopes are subgraphs."""
    ids = {state.name: f"s{number}" for number, state in enumerate(all_states(graph))}
    return "\n".join(["flowchart TD", *_lines(graph, ids, "    ")])


def _lines(scope: Scope, ids: dict[str, str], indent: str) -> Iterator[str]:
    for state in scope.states:
        yield from _of_state(state, ids, indent)
    for each in scope.transitions:
        label = f"|{_quoted(each.label)}|" if each.label else ""
        yield f"{indent}{ids[each.source]} -->{label} {ids[each.target]}"
    for state in scope.states:
        for target in state.catches:
            yield f"{indent}{ids[state.name]} -. Catch .-> {ids[target]}"


def _of_state(state: State, ids: dict[str, str], indent: str) -> Iterator[str]:
    own = ids[state.name]
    if not state.scopes:
        opening, closing = _SHAPES.get(state.type, ("[", "]"))
        yield f"{indent}{own}{opening}{_quoted(state.name)}{closing}"
        return
    yield f"{indent}subgraph {own}[{_quoted(f'{state.name} ({state.type})')}]"
    for number, scope in enumerate(state.scopes, start=1):
        if len(state.scopes) == 1:
            yield from _lines(scope, ids, indent + "    ")
            continue
        yield f'{indent}    subgraph {own}b{number}["{number}"]'
        yield from _lines(scope, ids, indent + "        ")
        yield f"{indent}    end"
    yield f"{indent}end"


def _quoted(text: str) -> str:
    return '"' + "".join(_SPECIAL.get(character, character) for character in text) + '"'
