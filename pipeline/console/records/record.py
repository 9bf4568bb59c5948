"""The record of one execution: its history, read once and then only what is new."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.console.records.visits import Attempt, EventLine, FrameLine, Look, Visit
from pipeline.executions.history_numbering import Numbering, numbered
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import HistoryEvent
from pipeline.ledger.rows import HistoryBatch

_ENTERED, _EXITED = "StateEntered", "StateExited"
_ABORTED = ("ExecutionAborted", "MapIterationAborted", "ExecutionTimedOut")
_ABOUT_SCOPES = ("Execution", "MapIteration")
_NOTES = ("name", "resource", "error", "workerName")


@dataclass(slots=True)
class Record:
    """What the history of one (child) execution says.

    Attributes:
        read: Number of the ledger's last row that is in it.
        events: Every event.
        frames: The frames by their ids, in order of their first events.
        children: Ids of the frames that belong to a visit, by the visit's id.
        by_state: The visits of each state.
    """

    read: int = 0
    events: list[EventLine] = field(default_factory=list)
    frames: dict[str, FrameLine] = field(default_factory=dict)
    children: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_state: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    _numbering: Numbering = field(default_factory=Numbering)

    def add(self, number: int, batch: HistoryBatch) -> None:
        """Take in the next row of the history."""
        self.read = number
        frame = self._frame(batch)
        events = decode_events(batch.events, _nothing)
        with_ids = numbered(events, self._numbering.number(batch, len(events)))
        for place, (event, event_id, previous) in enumerate(with_ids):
            visit = self._visit_of(frame, batch.frame_id, event, event_id)
            self.events.append(
                EventLine(
                    id=event_id,
                    previous=previous,
                    type=event.type,
                    timestamp=event.timestamp,
                    frame_id=batch.frame_id,
                    state=visit.state if visit else "",
                    note=_note(event),
                    row=number,
                    place=place,
                )
            )
            if visit is not None and _is_about(visit, event):
                visit.events.append(len(self.events) - 1)
                _apply(event, visit)
            frame.has_ended = False
        if batch.ends:
            frame.has_ended = True
            _end(frame, events[-1] if events else None)

    def _frame(self, batch: HistoryBatch) -> FrameLine:
        known = self.frames.get(batch.frame_id)
        if known is not None:
            return known
        parent = self.frames.get(batch.parent_id or "")
        visit = parent.visits[-1] if parent and parent.visits else None
        made = FrameLine(parent=visit, position=_position(batch.frame_id) if visit else 0)
        self.frames[batch.frame_id] = made
        if visit is not None:
            visit.has_children = True
            self.children[visit.id].append(batch.frame_id)
        return made

    def _visit_of(
        self, frame: FrameLine, frame_id: str, event: HistoryEvent, event_id: int
    ) -> Visit | None:
        """The visit that an event belongs to, which it may begin."""
        if not event.type.endswith(_ENTERED):
            return frame.visits[-1] if frame.visits else None
        visit = Visit(
            id=event_id,
            frame_id=frame_id,
            state=event.details["name"],
            type=event.type.removesuffix(_ENTERED),
            entered_at=event.timestamp,
        )
        frame.visits.append(visit)
        self.by_state[visit.state].append(visit)
        return visit


def _is_about(visit: Visit, event: HistoryEvent) -> bool:
    """Whether an event concerns a visit: its scope's end does only if it ends the visit too."""
    return visit.look is Look.RUNNING or not event.type.startswith(_ABOUT_SCOPES)


def _nothing(_: bytes) -> None:
    return None


def _position(frame_id: str) -> int:
    text = frame_id.rpartition(".")[2]
    return int(text) if text.isdigit() else 0


def _note(event: HistoryEvent) -> str:
    """What identifies an event beyond its type: a function, an error, an index."""
    notes = [str(event.details[name]) for name in _NOTES if name in event.details]
    index = [f"[{event.details['index']}]"] if "index" in event.details else []
    return " ".join(notes + index)


def _apply(event: HistoryEvent, visit: Visit) -> None:
    """What an event says about the visit that it belongs to."""
    if event.type.endswith(_EXITED):
        visit.exited_at = event.timestamp
        visit.look = Look.CAUGHT if visit.error else Look.SUCCEEDED
        return
    if visit.look is not Look.RUNNING:  # a redrive continues the state that failed
        visit.look, visit.exited_at, visit.error = Look.RUNNING, None, None
    for suffix, apply in _ATTEMPTS.items():
        if event.type.endswith(suffix):
            apply(event, visit)
            return


def _scheduled(event: HistoryEvent, visit: Visit) -> None:
    visit.error = None
    visit.attempts.append(Attempt(scheduled_at=event.timestamp))


def _started(event: HistoryEvent, visit: Visit) -> None:
    if visit.attempts:
        visit.attempts[-1].started_at = event.timestamp


def _succeeded(event: HistoryEvent, visit: Visit) -> None:
    visit.error = None
    if visit.attempts:
        visit.attempts[-1].ended_at = event.timestamp


def _failed(event: HistoryEvent, visit: Visit) -> None:
    visit.error = str(event.details.get("error") or event.type)
    if visit.attempts:
        visit.attempts[-1].ended_at = event.timestamp
        visit.attempts[-1].error = visit.error


_ATTEMPTS: dict[str, Callable[[HistoryEvent, Visit], None]] = {
    "Scheduled": _scheduled,
    "Started": _started,
    "Succeeded": _succeeded,
    "Failed": _failed,
    "TimedOut": _failed,
}
"""What the events of a Task, Map or Parallel state do, by the ends of their types."""


def _end(frame: FrameLine, last: HistoryEvent | None) -> None:
    """Close the visit in which a frame ended without leaving the state."""
    if last is None or not frame.visits or frame.visits[-1].exited_at is not None:
        return
    visit = frame.visits[-1]
    visit.exited_at = last.timestamp
    visit.look = Look.ABORTED if last.type in _ABORTED else Look.FAILED
    if visit.look is Look.FAILED and visit.error is None:
        visit.error = str(last.details.get("error") or "") or None
