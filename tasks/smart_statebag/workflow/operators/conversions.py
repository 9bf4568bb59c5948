"""Strategies that turn a value into another type."""

import math

from tasks.smart_statebag.bag.json_value import Json
from tasks.smart_statebag.workflow.operators.call import Strategy, StrategyCall, StrategyError
from tasks.smart_statebag.workflow.operators.lists import as_text

_TRUE_WORDS = frozenset({"true", "yes", "1", "on"})
_FALSE_WORDS = frozenset({"false", "no", "0", "off", ""})


def to_int(call: StrategyCall) -> Json:
    """The number or text as a whole number; fractions are cut."""
    value = call.value
    try:
        return int(value) if isinstance(value, str) else int(_finite(value))
    except ValueError as error:
        raise StrategyError(f"{value!r:.100} is not a whole number") from error


def to_float(call: StrategyCall) -> Json:
    """The number or text as a number."""
    return _finite(call.value)


def to_string(call: StrategyCall) -> Json:
    """Text as it is, null as nothing, any other value as JSON."""
    return as_text(call.value)


def to_bool(call: StrategyCall) -> Json:
    """Words such as yes and off by their meaning, other values by whether they are empty."""
    if not isinstance(call.value, str):
        return bool(call.value)
    word = call.value.strip().lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise StrategyError(f"{call.value!r:.100} is neither true nor false")


def _finite(value: Json) -> float:
    if not isinstance(value, str | int | float):
        raise StrategyError("the input is neither a number nor text")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise StrategyError(f"{value!r:.100} is not a number") from error
    if not math.isfinite(number):
        raise StrategyError(f"{value!r:.100} is not a JSON number")
    return number


CONVERSIONS: dict[str, Strategy] = {
    "to_int": to_int,
    "to_float": to_float,
    "to_string": to_string,
    "to_bool": to_bool,
}
