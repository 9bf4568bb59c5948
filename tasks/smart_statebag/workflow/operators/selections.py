"""Strategies that choose or map elements of a list by a path or an expression."""

from tasks.smart_statebag.bag.json_value import Json, encode_canonical, is_number
from tasks.smart_statebag.workflow.expressions import (
    ExpressionSyntaxError,
    is_true,
    parse_expression,
    parse_path,
)
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.state_view import StateView
from tasks.smart_statebag.workflow.templates import render_value


def list_filter(call: StrategyCall) -> Json:
    """Elements for which ``condition`` holds; it sees ``item``, ``index`` and the state."""
    condition = parse_expression(call.text_param("condition"))
    return [
        item
        for index, item in enumerate(call.elements())
        if is_true(condition, call.view.over({"item": item, "index": index}))
    ]


def list_map(call: StrategyCall) -> Json:
    """Each element replaced by its value at ``path``, or by ``template`` over ``item``."""
    if "template" not in call.params:
        return [_at_path(call, item) for item in call.elements()]
    return [
        render_value(call.params["template"], call.view.over({"item": item, "index": index}))
        for index, item in enumerate(call.elements())
    ]


def list_sort(call: StrategyCall) -> Json:
    """Elements by their value at ``path`` (default: themselves), ``descending`` if asked."""
    keys = [_at_path(call, item) for item in call.elements()]
    if not (all(map(is_number, keys)) or all(isinstance(key, str) for key in keys)):
        raise StrategyError("only numbers or only strings can be sorted")
    descending = call.params.get("descending") is True
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)  # type: ignore[arg-type]  # checked above: all are of one ordered type
    return [call.elements()[index] for index in order]


def list_group_by(call: StrategyCall) -> Json:
    """An object from each value at ``path`` (as text) to the elements that have it."""
    groups: dict[str, list[Json]] = {}
    for item in call.elements():
        groups.setdefault(_as_key(_at_path(call, item)), []).append(item)
    return {**groups}


def list_sum(call: StrategyCall) -> Json:
    """Sum of the elements, or of their values at ``path``."""
    total: float = 0
    for item in call.elements():
        value = _at_path(call, item)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise StrategyError("only numbers can be summed")
        total += value
    return total


def _at_path(call: StrategyCall, item: Json) -> Json:
    text = call.params.get("path")
    if text is None:
        return item
    try:
        path = parse_path(call.text_param("path"))
    except ExpressionSyntaxError as error:
        raise StrategyError(str(error)) from error
    return StateView(state={"": item}, resolve=call.view.resolve).get(("", *path))


def _as_key(value: Json) -> str:
    return value if isinstance(value, str) else encode_canonical(value).decode()


SELECTIONS: dict[str, Strategy] = {
    "list_filter": list_filter,
    "list_map": list_map,
    "list_sort": list_sort,
    "list_group_by": list_group_by,
    "list_sum": list_sum,
}
