"""The Wait state: delays for a time or until a time."""

from dataclasses import dataclass

from pipeline.language.input_output import filtered_input, find, leave
from pipeline.language.json_value import Json, dumps
from pipeline.language.outcomes import Sleep, WokenUp
from pipeline.language.query.json_path import JsonPath
from pipeline.language.states.common import InputOutput, StateFields, Transition
from pipeline.language.timestamps import parse_timestamp
from pipeline.language.visit import Exited, Turn, Visit

MAXIMUM_SECONDS = 99_999_999
"""Longest wait in seconds that AWS accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(StateFields, InputOutput, Transition):
    """A Wait state; exactly one of the two is not None.

    Attributes:
        seconds: A number of seconds, or the path that gives it.
        timestamp: Epoch seconds of the given RFC 3339 time, or the path that gives its text.
    """

    seconds: int | JsonPath | None
    timestamp: float | JsonPath | None


def enter(state: Wait, visit: Visit) -> Turn:
    """Sleep until the time is there, or go on at once if it has passed."""
    document = filtered_input(state, visit)
    if state.seconds is not None:
        until = visit.sources.now + _seconds(state.seconds, document, visit)
    else:
        until = _timestamp(state.timestamp, document, visit)
    if until > visit.sources.now:
        return Sleep(until=until)
    return leave(state, state.next, document, visit)


def resume(state: Wait, event: WokenUp, visit: Visit) -> Exited:
    """Leave the state when its time has come."""
    return leave(state, state.next, filtered_input(state, visit), visit)


def _seconds(value: int | JsonPath, document: Json, visit: Visit) -> int:
    if isinstance(value, int):
        return value
    seconds = find(value, document, visit)
    found = f"{value.text} == {_shown(seconds)}"
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        problem = "cannot be parsed as a long value"
    elif seconds < 0:
        problem = "references a negative value"
    elif seconds > MAXIMUM_SECONDS:
        problem = f"references a value greater than {MAXIMUM_SECONDS}"
    else:
        return seconds
    raise visit.failure(f"The SecondsPath parameter {problem}: {found}")


def _timestamp(value: float | JsonPath | None, document: Json, visit: Visit) -> float:
    if not isinstance(value, JsonPath):
        return value or 0.0
    text = find(value, document, visit)
    try:
        if isinstance(text, str):
            return parse_timestamp(text)
    except ValueError:
        pass  # the same answer as for a value that is no text
    raise visit.failure(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
        f"date-time format string: {value.text} == {_shown(text)}"
    )


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else dumps(value)
