"""Where the details of a history event stand, by AWS's own service model.

API reference: "HistoryEvent".
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.session import Session

_SHARED = ("StateEntered", "StateExited")
"""The ends of event types whose details have one member for all state types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsShape:
    """The details of one event type.

    Attributes:
        member: ``stateEnteredEventDetails``, ``taskScheduledEventDetails``, ...
        fields: Names of the fields that stand in it.
    """

    member: str
    fields: frozenset[str]


def details_shape(event_type: str) -> DetailsShape | None:
    """The shape of an event type's details, or None for a type that has none."""
    stem = next((end for end in _SHARED if event_type.endswith(end)), event_type)
    return _shapes().get(f"{stem[0].lower()}{stem[1:]}EventDetails")


@cache
def _shapes() -> dict[str, DetailsShape]:
    model = Session().get_service_model("stepfunctions")
    history_event: Any = model.shape_for("HistoryEvent")
    return {
        name: DetailsShape(member=name, fields=frozenset(shape.members))
        for name, shape in history_event.members.items()
        if name.endswith("EventDetails")
    }
