"""Numbers that a state computes, as in TimeoutSeconds and MaxConcurrencyPath."""

import re

from pipeline.language.fields import Expression
from pipeline.language.input_output import find
from pipeline.language.json_value import Json, dumps
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.visit import Visit

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,19}(\.[0-9]{1,19})?", re.ASCII)


def whole_number(
    field: str, value: int | Expression, document: Json, visit: Visit, *, least: int | None = 0
) -> int:
    """The whole number of a field, given directly or by an expression.

    Args:
        field: Name of the field without ``Path``, for the error text.
        value: The number, or the expression that computes it.
        document: ``$`` of the path.
        visit: The visit to the state.
        least: Smallest number allowed; None for any.

    Raises:
        ExecutionError: States.Runtime or States.QueryEvaluationError, by the query language, if the
            expression does not give such a number.
    """
    if isinstance(value, int):
        return value
    if isinstance(value, JsonataField):
        return _computed_whole_number(value, visit, least)
    number = _read(_INTEGER, int, find(value, document, visit))
    if not isinstance(number, int) or isinstance(number, bool):
        raise visit.failure(
            f'The {field}Path field refers to value "{_shown(number)}" '
            f"which is not a valid integer: {value.text}"
        )
    if least is not None and number < least:
        raise visit.failure(_expected(field, least, number))
    return number


def _computed_whole_number(field: JsonataField, visit: Visit, least: int | None) -> int:
    number = field.evaluate_as("number", visit)
    if isinstance(number, int) and (least is None or number >= least):
        return number
    raise field.failure(_expected(field.name, least, number), visit)


def _expected(field: str, least: int | None, number: Json) -> str:
    kind = {None: "", 0: "non-negative "}.get(least, "positive ")
    return f"Expected {kind}integer for {field}, got '{_shown(number)}' instead."


def tolerated_count(value: int | Expression, document: Json, visit: Visit) -> int:
    """ToleratedFailureCount, given directly or by an expression.

    Raises:
        ExecutionError: As for ``whole_number``.
    """
    count = whole_number("ToleratedFailureCount", value, document, visit, least=None)
    if count >= 0:
        return count
    cause = "ToleratedFailureCount cannot be negative."
    raise value.failure(cause, visit) if isinstance(value, JsonataField) else visit.failure(cause)


def percentage(field: str, value: float | Expression, document: Json, visit: Visit) -> float:
    """The number from 0 to 100 of a field, given directly or by an expression.

    Raises:
        ExecutionError: As for ``whole_number``.
    """
    if isinstance(value, int | float):
        return value
    if isinstance(value, JsonataField):
        return _computed_percentage(value, visit)
    number = _read(_DECIMAL, float, find(value, document, visit))
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise visit.failure(
            f'The {field}Path field refers to value "{_shown(number)}" '
            f"which is not a valid float: {value.text}"
        )
    if not 0 <= number <= 100:
        raise visit.failure(f"{field} must be between 0 and 100.")
    return number


def _computed_percentage(field: JsonataField, visit: Visit) -> float:
    number = field.evaluate_as("number", visit)
    if isinstance(number, int | float) and 0 <= number <= 100:
        return number
    raise field.failure(f"{field.name} must be between 0 and 100.", visit)


def _read(form: re.Pattern[str], number: type[int] | type[float], value: Json) -> Json:
    """The number in a text, which AWS accepts at a path. Returns any other value unchanged."""
    return number(value) if isinstance(value, str) and form.fullmatch(value) else value


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
