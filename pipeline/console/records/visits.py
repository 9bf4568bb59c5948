"""Visits: a frame's stay in a state, from the event that enters it to the one that leaves it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Look(StrEnum):
    """How a visit stands; also a class of the style sheet."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    """It failed, and a catcher took the error."""
    FAILED = "failed"
    ABORTED = "aborted"


ENDED_BADLY = (Look.FAILED, Look.ABORTED)

ORDER = (Look.FAILED, Look.RUNNING, Look.CAUGHT, Look.ABORTED, Look.SUCCEEDED)
"""The order in which people look for visits."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One call of a Task state's function; times are epoch seconds."""

    scheduled_at: float
    started_at: float | None = None
    ended_at: float | None = None
    error: str | None = None


@dataclass(slots=True, kw_only=True)
class Visit:
    """A frame's stay in a state.

    Attributes:
        id: Id of the event that entered the state.
        frame_id: The frame.
        state, type: The state and ASL's type of it.
        entered_at, exited_at: Epoch seconds.
        look: How it stands.
        error: Name of the error that it failed with, or None.
        attempts: The calls of its function.
        events: Places of its events in the record's ``events``.
        has_children: Whether branches or iterations belong to it.
    """

    id: int
    frame_id: str
    state: str
    type: str
    entered_at: float
    exited_at: float | None = None
    look: Look = Look.RUNNING
    error: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    has_children: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """An event as a line of the table, and where its details are.

    Attributes:
        id, previous: Ids of the event and of the one that it follows.
        state: The state that it belongs to, or empty.
        note: Name of the function, the error, or what else identifies it.
        row: Number of the ledger's row that holds it.
        place: Its place in that row.
    """

    id: int
    previous: int
    type: str
    timestamp: float
    frame_id: str
    state: str
    note: str
    row: int
    place: int


@dataclass(slots=True, kw_only=True)
class FrameLine:
    """A frame as part of the execution's tree.

    Attributes:
        parent: The visit whose branch or iteration it is; None for the root.
        position: Number of the branch or iteration.
        visits: Its visits in order.
        has_ended: Whether no further event of it is expected.
    """

    parent: Visit | None
    position: int
    visits: list[Visit] = field(default_factory=list)
    has_ended: bool = False
