"""The variables that an expression takes from outside, as opposed to those that it binds.

JSONata: "Variables", "Functions", "Context variable binding". The scope of a variable reaches from
its binding to the end of its block. A parameter is visible in its function, a focus or an index in
its path.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from jsonata.parser import Parser

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

_Bound: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeVariables:
    """Names, without ``$``, that an expression does not bind where it uses them.

    Attributes:
        read: The names whose value it reads.
        called: The names that it calls: a function of the language, unless a variable hides it.
    """

    read: frozenset[str]
    called: frozenset[str]


def nodes(syntax: Any) -> Iterator[Any]:
    """Each node of a syntax tree once; without recursion, because expressions may nest deeply."""
    pending = [syntax]
    while pending:
        one = pending.pop()
        if isinstance(one, Parser.Symbol):
            yield one
            pending += _children(one)
        elif isinstance(one, list):
            pending += one


def free_variables(syntax: Any) -> FreeVariables:
    """The names that an expression does not bind where it uses them."""
    read: set[str] = set()
    procedures: set[int] = set()
    called: set[str] = set()
    pending: list[tuple[Any, _Bound]] = [(syntax, frozenset())]
    while pending:
        one, bound = pending.pop()
        if isinstance(one, list):
            pending += ((item, bound) for item in one)
        elif isinstance(one, Parser.Symbol):
            procedures.update(map(id, _procedures(one)))
            if one.type == "variable" and one.value not in bound:
                (called if id(one) in procedures else read).add(one.value)
            pending += _inside(one, bound)
    return FreeVariables(read=frozenset(read - {"", "$"}), called=frozenset(called))


def _children(node: Any) -> Iterator[Any]:
    return (getattr(node, name) for name in _CHILDREN)


def _procedures(node: Any) -> Iterator[Any]:
    """The name that a node calls: ``$f(1)``, ``$f(?, 1)``, ``1 ~> $f``."""
    if node.type in {"function", "partial"}:
        yield node.procedure
    elif node.type == "apply":
        yield node.rhs


def _inside(node: Any, bound: _Bound) -> Iterable[tuple[Any, _Bound]]:
    """The parts of a node, each with the names that are bound in it."""
    match node.type:
        case "block":
            yield from _in_turn(node.expressions, bound)
            yield from ((part, bound) for part in (node.stages, node.predicate, node.group))
        case "bind":
            # The variable exists when the function is called, so the function may call itself.
            recursive = node.rhs.type == "lambda"
            yield node.rhs, bound | {node.lhs.value} if recursive else bound
        case "lambda":
            yield node.body, bound.union(parameter.value for parameter in node.arguments)
        case "path":
            within = bound.union(_along(node.steps))
            yield from ((part, within) for part in _children(node))
        case _:
            yield from ((part, bound) for part in _children(node))


def _in_turn(expressions: Iterable[Any], bound: _Bound) -> Iterator[tuple[Any, _Bound]]:
    """The expressions of a block, each with the names bound before it."""
    for expression in expressions:
        yield expression, bound
        bound = bound.union(_bound_by(expression))


def _bound_by(expression: Any) -> Iterator[str]:
    """The variables of ``$a := $b := 1``."""
    while expression.type == "bind":
        yield expression.lhs.value
        expression = expression.rhs


def _along(steps: Iterable[Any]) -> Iterator[str]:
    for step in steps:
        yield from (name for name in (step.focus, step.index) if isinstance(name, str))
