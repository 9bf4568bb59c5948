"""Numbers that a state takes from a path, as in SecondsPath and MaxConcurrencyPath."""

from pipeline.language.input_output import find
from pipeline.language.json_value import Json, dumps
from pipeline.language.query.json_path import JsonPath
from pipeline.language.visit import Visit


def whole_number(
    field: str, value: int | JsonPath, document: Json, visit: Visit, *, least: int = 0
) -> int:
    """The number that a field gives, itself or by its path.

    Args:
        field: Name of the field without ``Path``, for the error text.
        value: The number, or the path that finds it.
        document: ``$`` of the path.
        visit: The visit to the state.
        least: Smallest number allowed.

    Raises:
        ExecutionError: States.Runtime; the path finds nothing, or no such number.
    """
    if isinstance(value, int):
        return value
    number = find(value, document, visit)
    if not isinstance(number, int) or isinstance(number, bool):
        raise visit.failure(
            f'The {field}Path field refers to value "{_shown(number)}" '
            f"which is not a valid integer: {value.text}"
        )
    if number < least:
        kind = "positive" if least else "non-negative"
        raise visit.failure(f"Expected {kind} integer for {field}, got '{number}' instead.")
    return number


def percentage(field: str, value: float | JsonPath, document: Json, visit: Visit) -> float:
    """The number from 0 to 100 that a field gives, itself or by its path.

    Raises:
        ExecutionError: States.Runtime; the path finds nothing, or no such number.
    """
    if not isinstance(value, JsonPath):
        return value
    number = find(value, document, visit)
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise visit.failure(
            f'The {field}Path field refers to value "{_shown(number)}" '
            f"which is not a valid float: {value.text}"
        )
    if not 0 <= number <= 100:
        raise visit.failure(f"{field} must be between 0 and 100.")
    return number


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
