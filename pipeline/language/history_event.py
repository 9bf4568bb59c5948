"""One event of an execution's history, before it is numbered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

DOCUMENT_FIELDS = frozenset({"input", "output", "parameters"})
"""Detail fields that AWS shows as JSON text, and that hold the JSON value itself here."""

ASSIGNED_VARIABLES = "assignedVariables"
"""The detail field with the variables that a state assigned; AWS shows each as text."""

INPUT_TEXT = "inputText"
"""The detail of ExecutionStarted that AWS shows instead of the input: as the client wrote it."""

ITERATION_SUCCEEDED = "MapIterationSucceeded"

DEAD_ENDS = frozenset(
    {
        ITERATION_SUCCEEDED,
        "MapIterationFailed",
        "MapIterationAborted",
        "MapStateSucceeded",
        "ParallelStateSucceeded",
    }
)
"""Types of events that no event of their frame follows; the next follows the event before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """An event with AWS's type name and the fields of its ``...EventDetails`` shape.

    Attributes:
        type: ``TaskStateEntered``, ``ExecutionStarted``, ...
        timestamp: Seconds since the epoch.
        details: Fields of the details shape by AWS's names. The fields of ``DOCUMENT_FIELDS`` and
            the assigned variables hold JSON values; reading the history turns them into text.
    """

    type: str
    timestamp: float
    details: dict[str, Any] = field(default_factory=dict)


def dead_end_of(events: Sequence[HistoryEvent]) -> str | None:
    """The type of the last event if it is a dead end."""
    return events[-1].type if events and events[-1].type in DEAD_ENDS else None
