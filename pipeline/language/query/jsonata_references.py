"""The references of an expression to outer data, from its syntax tree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.language.json_value import Json
from pipeline.language.query.jsonata_scopes import free_variables, nodes
from pipeline.language.query.jsonata_values import from_json

STATES = "states"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The variables that an expression refers to, all named without ``$``.

    Attributes:
        names: All names in it, including functions and its own variables.
        read: The outer variables whose value it reads.
        called: The outer names that it calls: functions of the language, unless a variable of that
            name hides one.
        states: The paths below ``$states`` that it reads: ``("input", "order", "id")``. It may also
            read values below a path. An empty path stands for all of ``$states``.
    """

    names: frozenset[str]
    read: frozenset[str]
    called: frozenset[str]
    states: frozenset[Path]

    def reads(self, field: str) -> bool:
        """Whether it names ``$states.<field>`` itself."""
        return any(path[:1] == (field,) for path in self.states)

    def bindings(self, states: Json, variables: Mapping[str, Json]) -> dict[str, Any]:
        """Copies, in the library's form, of only the data that the expression can read."""
        bound = {name: from_json(variables[name]) for name in self.names & variables.keys()}
        if self.states:
            bound[STATES] = _narrowed(states, self.states)
        return bound


def references(syntax: Any) -> References:
    """The references of an expression."""
    parts = list(nodes(syntax))
    names = {node.value for node in parts if node.type == "variable"} - {"", "$"}
    starts = {id(node.steps[0]): _states_path(node.steps) for node in parts if node.type == "path"}
    climbs = any(node.type == "parent" for node in parts)
    paths = (
        () if climbs else starts.get(id(node), ())
        for node in parts
        if node.type == "variable" and node.value == STATES
    )
    free = free_variables(syntax)
    return References(
        names=frozenset(names), read=free.read, called=free.called, states=frozenset(paths)
    )


def _states_path(steps: list[Any]) -> Path:
    """The names directly behind ``$states``."""
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
    """A copy of the values at and below the paths."""
    below: dict[str, list[Path]] = {}
    for path in paths:
        if not path:
            return from_json(value)
        below.setdefault(path[0], []).append(path[1:])
    if not isinstance(value, dict):
        return from_json(value)
    return {name: _narrowed(value[name], rest) for name, rest in below.items() if name in value}


_IN_SAME_CONTEXT = ("lhs", "rhs", "expressions", "arguments", "condition", "then", "_else")


def names_of_no_input(syntax: Any) -> Iterator[str]:
    """The fields, and ``$$``, that an expression takes from an input of its own.

    Step Functions gives an expression no input: a field makes sense only below a value, in a
    predicate, or in a function that is called with one as its context.
    """
    pending = [syntax]
    while pending:
        node = pending.pop()
        match getattr(node, "type", None):
            case "path":
                pending.append(node.steps[0])
            case "name":
                yield node.value
            case "variable" if node.value == "$":
                yield "$$"
            case "unary" | "binary" | "condition" | "block" | "function" | "bind":
                for name in _IN_SAME_CONTEXT:
                    parts = getattr(node, name, None)
                    pending += parts if isinstance(parts, list) else [parts]
                for key, value in getattr(node, "lhs_object", None) or ():
                    pending += [key, value]
