"""The Wait state: delays for a time or until a time."""

from dataclasses import dataclass

from pipeline.language.query.json_path import JsonPath
from pipeline.language.states.common import InputOutput, StateFields, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(StateFields, InputOutput, Transition):
    """A Wait state; exactly one of the two is not None.

    Attributes:
        seconds: A number of seconds, or the path that gives it.
        timestamp: Epoch seconds of the given RFC 3339 time, or the path that gives its text.
    """

    seconds: int | JsonPath | None
    timestamp: float | JsonPath | None
