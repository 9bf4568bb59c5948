"""One execution: its graph, and the visits of the state that is selected."""

import shlex
from dataclasses import dataclass

from starlette.responses import Response

from pipeline.console.graphs.svg import svg
from pipeline.console.pages.subject import Subject, drawing_of, head, subject_of
from pipeline.console.records.details import EventDetails, details_of, readable_cause
from pipeline.console.records.marks import look_now, marks_of
from pipeline.console.records.reading import RECORDS
from pipeline.console.records.record import Record
from pipeline.console.records.values import Shown, shown, shown_packed
from pipeline.console.records.visits import ORDER, Look, Visit
from pipeline.console.view import View, address
from pipeline.interpreter.frame import Frame, Phase
from pipeline.ledger.children_by_status import progress_of_history, unended_frames
from pipeline.ledger.fan_outs import fan_outs_of_execution
from pipeline.ledger.rows import FanOutRow

_VISITS = 25
_EVENTS = 60
_FRAMES = 500
_WAITING = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTask:
    """A Task state that waits for the answer to its token."""

    frame_id: str
    state: str
    token: str
    since: float

    @property
    def command(self) -> str:
        """The ``aws`` command that answers it."""
        output = shlex.quote('{"approved": true}')
        return (
            f"aws stepfunctions send-task-success --task-token {self.token} --task-output {output}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """A visit in the list of a state."""

    visit: Visit
    look: Look
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPage:
    """What a page says about one visit.

    Attributes:
        line: The visit.
        events: Its first events with their details.
        more_events: How many there are beyond these.
        variables: Those of its frame now, if it is still in the state.
        waiting: How to answer it, if it waits for an answer.
        map_runs: The map runs that it has started.
    """

    line: VisitLine
    events: list[EventDetails]
    more_events: int
    variables: Shown | None
    waiting: WaitingTask | None
    map_runs: list[FanOutRow]


def execution(view: View) -> Response:
    """The graph of an execution as it stands, and a state's visits."""
    subject = subject_of(view)
    row = subject.row
    engine = view.engine
    with engine.database.reading() as connection:
        fan_outs = progress_of_history(connection, row.id, subject.execution_id)
        runs = [
            each
            for each in fan_outs_of_execution(connection, subject.execution_id)
            if each.arn is not None and each.history_id == row.id
        ]
    live = _live_frames(view, subject)
    waiting = [task for frame_id, frame in live.items() if (task := _waiting(frame_id, frame))]
    state = view.query.get("state")
    _, drawing = drawing_of(subject.definition)
    with RECORDS.of(engine, row.id) as record:
        marks = marks_of(
            record,
            fan_outs,
            is_over=subject.is_over,
            waiting={task.state for task in waiting},
        )
        visits = _visits_of(record, subject, state) if state else []
        chosen = _chosen(view, visits)
        page = _visit_page(view, record, chosen, live, runs) if chosen else None
    first = view.number("first")
    return view.page(
        "execution",
        title=row.name,
        **head(view, subject),
        graph=svg(
            drawing,
            marks,
            link=lambda name: address("execution", arn=row.arn, state=name) + "#state",
            selected=state,
        ),
        input=shown_packed(engine, row.input),
        output=shown_packed(engine, row.output),
        cause=readable_cause(row.cause),
        map_runs=runs,
        waiting=waiting[:_WAITING],
        state=state,
        visits=visits[first : first + _VISITS],
        visit_count=len(visits),
        first=first,
        visits_shown=_VISITS,
        visit=page,
    )


def _visits_of(record: Record, subject: Subject, state: str) -> list[VisitLine]:
    """The visits of a state, those first that need attention."""
    lines = [
        VisitLine(
            visit=visit,
            look=look_now(visit.look, is_over=subject.is_over),
            where=where(record, visit.frame_id),
        )
        for visit in record.by_state.get(state, ())
    ]
    return sorted(lines, key=lambda line: (ORDER.index(line.look), line.visit.entered_at))


def where(record: Record, frame_id: str) -> str:
    """The frame of a visit as people name it: ``Each[17] / Fan[0]``; empty for the root."""
    parts = []
    line = record.frames.get(frame_id)
    while line is not None and line.parent is not None:
        parts.append(f"{line.parent.state}[{line.position}]")
        line = record.frames.get(line.parent.frame_id)
    return " / ".join(reversed(parts))


def _chosen(view: View, visits: list[VisitLine]) -> VisitLine | None:
    asked = view.number("visit")
    named = next((line for line in visits if line.visit.id == asked), None)
    return named or (visits[0] if visits else None)


def _visit_page(
    view: View,
    record: Record,
    line: VisitLine,
    live: dict[str, Frame],
    runs: list[FanOutRow],
) -> VisitPage:
    visit = line.visit
    frame = live.get(visit.frame_id)
    is_there = frame is not None and frame.state == visit.state and line.look is Look.RUNNING
    return VisitPage(
        line=line,
        events=details_of(view.engine, record, visit.events[:_EVENTS]),
        more_events=max(len(visit.events) - _EVENTS, 0),
        variables=shown(frame.variables) if frame and is_there and frame.variables else None,
        waiting=_waiting(visit.frame_id, frame) if frame and is_there else None,
        map_runs=[
            run for run in runs if run.frame_id == visit.frame_id and run.state == visit.state
        ],
    )


def _live_frames(view: View, subject: Subject) -> dict[str, Frame]:
    """The frames that have not ended, up to a bound; those that wait for answers come first."""
    if subject.is_over:
        return {}
    with view.engine.database.reading() as connection:
        rows = unended_frames(connection, subject.row.id, subject.execution_id, limit=_FRAMES)
    return {row.id: view.engine.frame(row) for row in rows if row.body is not None}


def _waiting(frame_id: str, frame: Frame) -> WaitingTask | None:
    if frame.token is None or frame.phase is not Phase.SUBMITTED:
        return None
    return WaitingTask(
        frame_id=frame_id, state=frame.state, token=frame.token, since=frame.entered_at
    )
