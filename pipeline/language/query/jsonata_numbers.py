"""JSONata's numbers, which are those of JavaScript."""

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from jsonata.functions import Functions

from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_values import json_number

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_IN_A_BASE = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")


def arithmetic(left: float, right: float, operator: str) -> int | float:
    """``left operator right`` in double precision; a result that is not finite stays a float."""
    try:
        result = _computed(float(left), float(right), operator)
    except OverflowError as error:  # an integer beyond the range of doubles
        raise failure("D1001", left) from error
    return json_number(result) if math.isfinite(result) else result


def _computed(left: float, right: float, operator: str) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right if right else _divided_by_zero(left, right)
        case _:
            return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _divided_by_zero(left: float, right: float) -> float:
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def is_number(value: Any) -> bool:
    """Whether a value is a number; for Python a boolean would be one, too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: Any) -> int | float | None:
    """``$number``."""
    if value is None or is_number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
            return json_number(float(value))
        if _IN_A_BASE.fullmatch(value):
            return int(value, 0)
    raise failure("D3030", value)


def power(base: float | None, exponent: float) -> float | None:
    """``$power``."""
    if base is None:
        return None
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError) as error:
        raise failure("D3061", base, exponent) from error


def round_half_even(value: float | None, places: float | None = None) -> float | None:
    """``$round``: half to even, by the decimal digits."""
    if value is None or not math.isfinite(value):
        return value
    with localcontext() as context:
        context.prec = 400  # a double has at most 309 digits before the point
        unit = Decimal(1).scaleb(-max(-400, min(int(places or 0), 350)))
        return float(Decimal(str(value)).quantize(unit, ROUND_HALF_EVEN))


def format_base(value: float | None, radix: float | None = None) -> str | None:
    """``$formatBase``."""
    if value is None:
        return None
    base = 10 if radix is None else int(radix)
    if not 2 <= base <= 36:
        raise failure("D3100", base)
    return str(Functions.base_repr(int(round_half_even(value) or 0), base)).lower()
