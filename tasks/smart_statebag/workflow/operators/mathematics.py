"""Strategies over numbers; the other operand is the parameter ``operand``."""

import math
from collections.abc import Callable

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.operators.call import (
    Strategy,
    StrategyCall,
    StrategyError,
    as_number,
)


def _binary(operate: Callable[[float, float], float]) -> Strategy:
    def strategy(call: StrategyCall) -> Json:
        return _finite(lambda: operate(call.number(), call.number_param("operand")))

    return strategy


def _of_all(choose: Callable[[list[float]], float]) -> Strategy:
    """A strategy over the elements of a list, or over the input and the operand."""

    def strategy(call: StrategyCall) -> Json:
        given = call.value if isinstance(call.value, list) else [call.value]
        if "operand" in call.params:
            given = [*given, call.params["operand"]]
        if not given:
            raise StrategyError("the list is empty")
        return choose([as_number(each, "an element") for each in given])

    return strategy


def math_round(call: StrategyCall) -> Json:
    """The number rounded to ``digits`` (0); halves go to the even neighbour."""
    digits = call.whole_param("digits", 0)
    return round(call.number(), digits) if digits else round(call.number())


def math_abs(call: StrategyCall) -> Json:
    """The number without its sign."""
    return abs(call.number())


def _finite(compute: Callable[[], float]) -> float:
    try:
        number = compute()
    except (ZeroDivisionError, OverflowError) as error:
        raise StrategyError(str(error)) from error
    if not math.isfinite(number):
        raise StrategyError("the result is not a JSON number")
    return number


MATHEMATICS: dict[str, Strategy] = {
    "math_add": _binary(lambda left, right: left + right),
    "math_subtract": _binary(lambda left, right: left - right),
    "math_multiply": _binary(lambda left, right: left * right),
    "math_divide": _binary(lambda left, right: left / right),
    "math_round": math_round,
    "math_min": _of_all(min),
    "math_max": _of_all(max),
    "math_abs": math_abs,
}
