"""What an expression refers to outside itself, read from its syntax tree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonata.parser import Parser

from pipeline.language.json_value import Json
from pipeline.language.query.jsonata_values import from_json

STATES = "states"

Path = tuple[str, ...]

_CHILDREN = (
    "expression",
    "expressions",
    "steps",
    "stages",
    "predicate",
    "procedure",
    "arguments",
    "body",
    "group",
    "expr",
    "lhs",
    "rhs",
    "lhs_object",
    "terms",
    "condition",
    "then",
    "_else",
    "pattern",
    "update",
    "delete",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The variables that an expression refers to, all named without ``$``.

    Attributes:
        names: Those it mentions, among them functions and its own variables.
        variables: Those among them that it does not bind itself anywhere.
        states: The paths below ``$states`` that it starts from: ``("input", "order", "id")``. What
            lies below a path may be used too; an empty path stands for all of ``$states``.
    """

    names: frozenset[str]
    variables: frozenset[str]
    states: frozenset[Path]

    def reads(self, field: str) -> bool:
        """Whether it names ``$states.<field>`` itself."""
        return any(path[:1] == (field,) for path in self.states)

    def bindings(self, states: Json, variables: Mapping[str, Json]) -> dict[str, Any]:
        """Copies, in the library's terms, of what the expression can reach; nothing else."""
        bound = {name: from_json(variables[name]) for name in self.names & variables.keys()}
        if self.states:
            bound[STATES] = _narrowed(states, self.states)
        return bound


def references(syntax: Any) -> References:
    """What the expression refers to."""
    nodes = list(_nodes(syntax))
    names = {node.value for node in nodes if node.type == "variable"} - {"", "$"}
    starts = {id(node.steps[0]): _states_path(node.steps) for node in nodes if node.type == "path"}
    climbs = any(node.type == "parent" for node in nodes)
    paths = (
        () if climbs else starts.get(id(node), ())
        for node in nodes
        if node.type == "variable" and node.value == STATES
    )
    return References(
        names=frozenset(names),
        variables=frozenset(names.difference(_bound(nodes))),
        states=frozenset(paths),
    )


def _nodes(value: Any) -> Iterator[Any]:
    """Each node of a tree once, without recursion: expressions may nest deeply."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, Parser.Symbol):
            yield one
            pending += (getattr(one, name) for name in _CHILDREN)
        elif isinstance(one, list):
            pending += one


def _bound(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        if node.type == "bind":
            yield node.lhs.value
        elif node.type == "lambda":
            yield from (parameter.value for parameter in node.arguments)
        yield from (name for name in (node.focus, node.index) if isinstance(name, str))


def _states_path(steps: list[Any]) -> Path:
    """The names that follow ``$states`` directly."""
    names: list[str] = []
    if _is_plain(steps[0]):
        for step in steps[1:]:
            if step.type != "name" or step.focus is not None:
                break
            names.append(step.value)
            if not _is_plain(step):
                break
    return tuple(names)


def _is_plain(step: Any) -> bool:
    return not (step.stages or step.predicate or step.group or step.tuple)


def _narrowed(value: Json, paths: Iterable[Path]) -> Any:
    """A copy of what lies at or below the paths."""
    below: dict[str, list[Path]] = {}
    for path in paths:
        if not path:
            return from_json(value)
        below.setdefault(path[0], []).append(path[1:])
    if not isinstance(value, dict):
        return from_json(value)
    return {name: _narrowed(value[name], rest) for name, rest in below.items() if name in value}
