"""The value of an expression over a state (Contract 6.5)."""

import operator
from collections.abc import Callable
from typing import assert_never

from tasks.smart_statebag.bag.json_value import Json, is_number, same
from tasks.smart_statebag.workflow.expressions.errors import ExpressionTypeError
from tasks.smart_statebag.workflow.expressions.syntax import (
    Comparison,
    Defined,
    Expression,
    Literal,
    Logical,
    Not,
    PathOperand,
)
from tasks.smart_statebag.workflow.state_view import Missing, StateView


def evaluate(expression: Expression, view: StateView) -> Json:
    """The value of an expression.

    Raises:
        ExpressionTypeError: ``<`` compares unlike types, or ``in`` searches a number.
    """
    match expression:
        case Literal():
            return expression.value
        case PathOperand():
            return view.get(expression.path)
        case Defined():
            return not isinstance(view.find(expression.path), Missing)
        case Not():
            return not is_true(expression.operand, view)
        case Logical():
            decide = all if expression.operator == "and" else any
            return decide(is_true(operand, view) for operand in expression.operands)
        case Comparison():
            return _compare(expression, view)
        case _:
            assert_never(expression)


def is_true(expression: Expression, view: StateView) -> bool:
    """Whether an expression holds; null, false, 0 and empty values do not."""
    return bool(evaluate(expression, view))


def _compare(comparison: Comparison, view: StateView) -> bool:
    left = evaluate(comparison.left, view)
    right = evaluate(comparison.right, view)
    return _OPERATORS[comparison.operator](left, right)


def _not_same(left: Json, right: Json) -> bool:
    return not same(left, right)


def _contains(left: Json, right: Json) -> bool:
    if right is None:
        return False
    if isinstance(right, list):
        return any(same(left, element) for element in right)
    if isinstance(right, str | dict) and isinstance(left, str):
        return left in right
    if isinstance(right, dict):
        return False
    raise ExpressionTypeError("in", type_name(left), type_name(right))


def _ordered(symbol: str, holds: Callable[[float | str, float | str], bool]) -> "_Operator":
    def compare(left: Json, right: Json) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return holds(left, right)
        if is_number(left) and is_number(right):
            return holds(_number(left), _number(right))
        raise ExpressionTypeError(symbol, type_name(left), type_name(right))

    return compare


def _number(value: Json) -> float:
    assert isinstance(value, int | float)  # noqa: S101 - narrows what is_number has checked
    return value


def type_name(value: Json) -> str:
    """What JSON calls the type of a value."""
    return _TYPE_NAMES[type(value)]


_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}

_Operator = Callable[[Json, Json], bool]

_OPERATORS: dict[str, _Operator] = {
    "==": same,
    "!=": _not_same,
    "<": _ordered("<", operator.lt),
    "<=": _ordered("<=", operator.le),
    ">": _ordered(">", operator.gt),
    ">=": _ordered(">=", operator.ge),
    "in": _contains,
}
