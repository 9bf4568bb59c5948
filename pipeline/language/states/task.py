"""The Task state: one call of a function."""

from dataclasses import dataclass

from pipeline.language.query.json_path import JsonPath
from pipeline.language.resource import Resource
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    ResultFields,
    StateFields,
    Transition,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(StateFields, InputOutput, ResultFields, ErrorHandling, Transition):
    """A Task state.

    Attributes:
        resource: What it invokes.
        timeout_seconds: Seconds, or the path that gives them, or None for no limit.
        heartbeat_seconds: The same for the time between two heartbeats.
    """

    resource: Resource
    timeout_seconds: int | JsonPath | None
    heartbeat_seconds: int | JsonPath | None
