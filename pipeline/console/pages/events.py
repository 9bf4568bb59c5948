"""The table of events, with its filters."""

from starlette.responses import Response

from pipeline.console.pages.subject import head, subject_of
from pipeline.console.records.details import details_of
from pipeline.console.records.reading import RECORDS
from pipeline.console.records.visits import EventLine
from pipeline.console.view import View, address

_PAGE = 50


def events(view: View) -> Response:
    """A page of the events of an execution, those that match the filters."""
    subject = subject_of(view)
    type_, state = view.query.get("type", ""), view.query.get("in", "")
    text = view.query.get("text", "").strip().lower()
    latest_first = view.query.get("order", "") == "latest"
    first = view.number("first")
    with RECORDS.of(view.engine, subject.row.id) as record:
        found = [
            place for place, line in enumerate(record.events) if _matches(line, type_, state, text)
        ]
        if latest_first:
            found.reverse()
        page = details_of(view.engine, record, found[first : first + _PAGE])
        types = sorted({line.type for line in record.events})
        states = list(record.by_state)
        start = record.events[0].timestamp if record.events else subject.row.started_at
    return view.page(
        "events",
        **head(view, subject),
        title=f"{subject.row.name}: events",
        events=page,
        found=len(found),
        first=first,
        shown=_PAGE,
        start=start,
        types=types,
        states=states,
        query=view.query,
        more=lambda begin: address("events", **{**view.query, "first": begin}),
    )


def _matches(line: EventLine, type_: str, state: str, text: str) -> bool:
    if type_ and line.type != type_:
        return False
    if state and line.state != state:
        return False
    return (
        not text or text in line.note.lower() or text in line.type.lower() or text == str(line.id)
    )
