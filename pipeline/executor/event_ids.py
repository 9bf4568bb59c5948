"""How long the history is when a frame goes on: the ids of its next events follow from it.

A frame counts its own events. Those that other frames have added meanwhile are counted by the
ledger. Between the count and the commit, frames that run at the same time may add more.
"""

from dataclasses import replace

from pipeline.engine.engine import Engine
from pipeline.executor.aborted_events import aborted_events
from pipeline.executor.burst import Burst
from pipeline.executor.origins import FailedCreation
from pipeline.interpreter.frame import Frame
from pipeline.language.outcomes import Event, Joined, JoinFailed, Start
from pipeline.ledger.aborting import frames_below
from pipeline.ledger.history import length_of


def with_length(engine: Engine, burst: Burst, event: Event) -> Frame:
    """The burst's frame, knowing how long its history is before the event."""
    if _knows(burst, event):
        return burst.frame
    history_id = burst.row.history_id
    with engine.database.reading() as connection:
        recorded = length_of(connection, history_id)
        doomed = []
        if isinstance(event, JoinFailed) and burst.closes is not None:
            doomed = frames_below(connection, burst.closes)
    # The history lists their ends before the failure that aborts them.
    recorded += sum(
        len(aborted_events(engine, row)) for row in doomed if row.history_id == history_id
    )
    return replace(burst.frame, recorded=recorded)


def with_length_after(engine: Engine, ended: Burst, started: Burst) -> Frame:
    """The frame that a lane has just begun, knowing how long its history is.

    Within one message a lane counts only its own events: to count those of the other lanes for
    each of its items would take longer than short items do.
    """
    if started.row.history_id != ended.row.history_id or isinstance(ended.origin, FailedCreation):
        return with_length(engine, started, started.event)
    return replace(started.frame, recorded=ended.frame.recorded)


def _knows(burst: Burst, event: Event) -> bool:
    """Whether the frame's own count is right: no other frame has added to its history since."""
    row, frame = burst.row, burst.frame
    if row.history_id != row.id or row.losses or isinstance(event, Joined | JoinFailed):
        return False
    if isinstance(event, Start):
        return frame.redrive is None
    return frame.recorded > 0
