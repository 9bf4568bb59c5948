"""The timeline: the visits of one frame as bars, with branches and iterations below them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from starlette.responses import Response

from pipeline.console.pages.execution import where
from pipeline.console.pages.subject import head, subject_of
from pipeline.console.records.marks import look_now
from pipeline.console.records.reading import RECORDS
from pipeline.console.records.record import Record
from pipeline.console.records.visits import ORDER, Look, Visit
from pipeline.console.view import View

SCALE = 1000.0
"""Units of the whole width."""

_ROWS = 200
_CHILDREN = 40
_LEAST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar: its begin and its length in units, and what it stands for."""

    x: float
    width: float
    look: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the timeline.

    Attributes:
        label: The state, or the branch or iteration.
        state: The state to select at a click, or None.
        frame_id: The frame to show at a click, or None.
        is_child: Whether it is a branch or an iteration of the line above.
        note: The number of attempts, the error.
        start, seconds: When it began after the execution's start, and how long it took.
    """

    label: str
    state: str | None
    frame_id: str | None
    visit: int | None
    is_child: bool
    note: str
    look: str
    start: float
    seconds: float
    bars: tuple[Bar, ...]
    more: "More | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Below the last child that is shown: which these are, and the numbers of the pages beside."""

    text: str
    fan: int
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that the whole width stands for; epoch seconds."""

    start: float
    end: float
    is_over: bool

    def bar(self, start: float, end: float | None, look: str, title: str) -> Bar:
        """The bar of something that began and ended then, or has not ended."""
        length = max(self.end - self.start, 0.001)
        x = (start - self.start) / length * SCALE
        until = self.end if end is None else end
        return Bar(
            x=round(min(x, SCALE - _LEAST), 2),
            width=round(max((until - start) / length * SCALE, _LEAST), 2),
            look=look,
            title=title,
        )


def timeline(view: View) -> Response:
    """The timeline of an execution, or of one branch or iteration in it."""
    subject = subject_of(view)
    first = view.number("first")
    with RECORDS.of(view.engine, subject.row.id) as record:
        root = next(iter(record.frames), "")
        frame_id = view.query.get("frame", root)
        frame = record.frames.get(frame_id)
        visits = frame.visits if frame else []
        span = _span(visits, view.engine.clock(), is_over=subject.is_over)
        lines = [
            line
            for visit in visits[first : first + _ROWS]
            for line in _lines(record, visit, span, view.number("page"), view.number("fan"))
        ]
        place = where(record, frame_id)
        up = frame.parent.frame_id if frame and frame.parent else None
    return view.page(
        "timeline",
        **head(view, subject),
        title=f"{subject.row.name}: timeline",
        lines=lines,
        span=span,
        scale=SCALE,
        place=place,
        up=up,
        frame_id=frame_id if frame_id != root else None,
        first=first,
        count=len(visits),
        rows_shown=_ROWS,
        children_shown=_CHILDREN,
    )


def _span(visits: list[Visit], now: float, *, is_over: bool) -> Span:
    if not visits:
        return Span(start=now, end=now, is_over=is_over)
    ends = [visit.exited_at for visit in visits if visit.exited_at is not None]
    is_open = len(ends) < len(visits) and not is_over
    starts = [visit.entered_at for visit in visits]
    return Span(start=min(starts), end=now if is_open else max([*ends, *starts]), is_over=is_over)


def _lines(record: Record, visit: Visit, span: Span, page: int, fan: int) -> Iterator[Line]:
    """The line of a visit, and those of a page of its children."""
    look = look_now(visit.look, is_over=span.is_over)
    children = record.children.get(visit.id, [])
    tries = f"{len(visit.attempts)} attempts" if len(visit.attempts) > 1 else ""
    count = f"{len(children):,} inside" if children else ""
    yield Line(
        label=visit.state,
        state=visit.state,
        frame_id=None,
        visit=visit.id,
        is_child=False,
        note=", ".join(filter(None, (count, tries, visit.error))),
        look=look,
        start=visit.entered_at - span.start,
        seconds=(visit.exited_at or span.end) - visit.entered_at,
        bars=_bars(visit, span),
    )
    ordered = sorted(
        children, key=lambda child: (_rank(record, child, span), _place(record, child))
    )
    number = page if fan == visit.id else 0
    begin = number * _CHILDREN
    lines = [_child_line(record, each, span) for each in ordered[begin : begin + _CHILDREN]]
    if lines and len(ordered) > _CHILDREN:
        end = begin + len(lines)
        more = More(
            text=f"{begin + 1:,} to {end:,} of {len(ordered):,}",
            fan=visit.id,
            previous=number - 1 if number else None,
            next=number + 1 if end < len(ordered) else None,
        )
        lines[-1] = replace(lines[-1], more=more)
    yield from lines


def _bars(visit: Visit, span: Span) -> tuple[Bar, ...]:
    """The bar of a visit, and on it those of its attempts."""
    look = look_now(visit.look, is_over=span.is_over)
    bars = [span.bar(visit.entered_at, visit.exited_at, look, f"{visit.state}: {look}")]
    if len(visit.attempts) > 1:
        for number, attempt in enumerate(visit.attempts, start=1):
            title = f"attempt {number}: {attempt.error or 'no error'}"
            kind = "attempt-failed" if attempt.error else "attempt"
            bars.append(
                span.bar(attempt.scheduled_at, attempt.ended_at or visit.exited_at, kind, title)
            )
    return tuple(bars)


def _child_line(record: Record, frame_id: str, span: Span) -> Line:
    frame = record.frames[frame_id]
    start = frame.visits[0].entered_at if frame.visits else span.start
    last = frame.visits[-1] if frame.visits else None
    end = (last.exited_at if last else None) or span.end
    return Line(
        label=f"[{frame.position}]",
        state=None,
        frame_id=frame_id,
        visit=None,
        is_child=True,
        note=(last.error or "") if last else "",
        look=_look(record, frame_id, span),
        start=start - span.start,
        seconds=end - start,
        bars=tuple(bar for visit in frame.visits for bar in _bars(visit, span)),
    )


def _look(record: Record, frame_id: str, span: Span) -> Look:
    visits = record.frames[frame_id].visits
    looks = [look_now(visit.look, is_over=span.is_over) for visit in visits]
    if not looks:
        return Look.RUNNING
    return Look.SUCCEEDED if looks[-1] is Look.CAUGHT else looks[-1]


def _rank(record: Record, frame_id: str, span: Span) -> int:
    return ORDER.index(_look(record, frame_id, span))


def _place(record: Record, frame_id: str) -> int:
    return record.frames[frame_id].position
