"""Strategies that choose between values."""

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.expressions import is_true, parse_expression
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.operators.lists import as_text


def if_else(call: StrategyCall) -> Json:
    """``then`` if ``condition`` (default: the input) holds, else ``else``."""
    return call.params.get("then" if _holds(call) else "else")


def switch_case(call: StrategyCall) -> Json:
    """The member of ``cases`` named by the input (as text), else ``default``."""
    cases = call.params.get("cases")
    if not isinstance(cases, dict):
        raise StrategyError("the parameter cases is not an object")
    return cases.get(as_text(call.value), call.params.get("default"))


def default_value(call: StrategyCall) -> Json:
    """The input, or ``default`` where it is null or the empty text."""
    return call.params.get("default") if call.value in (None, "") else call.value


def assert_(call: StrategyCall) -> Json:
    """The input if ``condition`` (default: the input) holds; else the node fails."""
    if not _holds(call):
        raise StrategyError(call.text_param("message", "the assertion does not hold"))
    return call.value


def _holds(call: StrategyCall) -> bool:
    if "condition" not in call.params:
        return bool(call.value)
    condition = parse_expression(call.text_param("condition"))
    return is_true(condition, call.view.over({"value": call.value}))


DECISIONS: dict[str, Strategy] = {
    "if_else": if_else,
    "switch_case": switch_case,
    "default_value": default_value,
    "assert": assert_,
}
