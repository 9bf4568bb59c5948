"""The Wait state: delays for a time or until a time."""

from dataclasses import dataclass

from pipeline.language.fields import Expression
from pipeline.language.input_output import find
from pipeline.language.json_value import Json, dumps
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.numeric_fields import whole_number
from pipeline.language.outcomes import Sleep, WokenUp
from pipeline.language.query.json_path import JsonPath
from pipeline.language.states.common import InputOutput, StateFields, Transition
from pipeline.language.timestamps import parse_timestamp
from pipeline.language.visit import Exited, Turn, Visit

MAX_SECONDS = 99_999_999
"""AWS's limit of a wait, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(StateFields, InputOutput, Transition):
    """A Wait state. Exactly one of the two fields is not None.

    Attributes:
        seconds: The number of seconds, or the expression that computes it.
        timestamp: The time in epoch seconds, or the expression that computes it as an RFC 3339
            text.
    """

    seconds: int | Expression | None
    timestamp: float | Expression | None


def enter(state: Wait, visit: Visit) -> Turn:
    """Sleep until the time, or go on at once if it has passed."""
    document = state.flow.filtered_input(visit)
    if state.seconds is not None:
        until = visit.sources.now + _seconds(state.seconds, document, visit)
    else:
        until = _timestamp(state.timestamp, document, visit)
    if until > visit.sources.now:
        return Sleep(until=until)
    return state.flow.leave(state.next, document, visit)


def resume(state: Wait, event: WokenUp, visit: Visit) -> Exited:
    """Leave the state when its time has come."""
    return state.flow.leave(state.next, state.flow.filtered_input(visit), visit)


def _seconds(value: int | Expression, document: Json, visit: Visit) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, JsonataField):
        return _computed_seconds(value, document, visit)
    seconds = find(value, document, visit, absent=_absent("SecondsPath", value))
    found = f"{value.text} == {_shown(seconds)}"
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        problem = "cannot be parsed as a long value"
    elif seconds < 0:
        problem = "references a negative value"
    elif seconds > MAX_SECONDS:
        problem = f"references a value greater than {MAX_SECONDS}"
    else:
        return seconds
    raise visit.failure(f"The SecondsPath parameter {problem}: {found}")


def _computed_seconds(field: JsonataField, document: Json, visit: Visit) -> int:
    seconds = whole_number(field.name, field, document, visit)
    if seconds > MAX_SECONDS:
        raise field.failure(
            f"The {field.name} parameter references a value greater than {MAX_SECONDS}: {seconds}",
            visit,
        )
    return seconds


def _timestamp(value: float | Expression | None, document: Json, visit: Visit) -> float:
    if isinstance(value, JsonataField):
        return _computed_timestamp(value, visit)
    if not isinstance(value, JsonPath):
        return value or 0.0
    text = find(value, document, visit, absent=_absent("TimestampPath", value))
    try:
        if isinstance(text, str):
            return parse_timestamp(text)
    except ValueError:
        pass  # the same error as for a value that is not a text
    raise visit.failure(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
        f"date-time format string: {value.text} == {_shown(text)}"
    )


def _computed_timestamp(field: JsonataField, visit: Visit) -> float:
    text = field.evaluate_as("string", visit)
    try:
        return parse_timestamp(str(text))
    except ValueError as error:
        raise field.failure(
            f"The {field.name} parameter does not reference a valid ISO-8601 extended offset "
            f"date-time format string: {text}",
            visit,
        ) from error


def _absent(field: str, path: JsonPath) -> str:
    return f"The {field} parameter does not reference an input value: {path.text}"


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
