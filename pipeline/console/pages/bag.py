"""The state bag of a Smart StateBag execution (see docs/smart_statebag/02-bag.md)."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from pipeline.api.errors import ApiError
from pipeline.console.json_difference import differences
from pipeline.console.pages.payloads import read_pointer
from pipeline.console.pages.subject import Subject, head, subject_of
from pipeline.console.records.reading import RECORDS
from pipeline.console.records.record import Record
from pipeline.console.records.values import Shown, shown
from pipeline.console.view import View
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.json_value import dumps
from pipeline.ledger.history import events_of

_LOOKED_BACK = 400
_HISTORY = 200
_LONG = 20_000
_SNAPSHOTS = ("pre_snapshot_s3_path", "post_snapshot_s3_path")
_OWN_PLACES = ("state_history", "pending_branches", "branch_summary", "failed_branches")


def bag(view: View) -> Response:
    """The latest bag in the history: its fields, its log without duplicates, its branches."""
    subject = subject_of(view)
    with RECORDS.of(view.engine, subject.row.id) as record:
        found = _latest_bag(view, record)
    if found is None:
        return view.page(
            "bag", **head(view, subject), title=f"{subject.row.name}: state bag", bag=None
        )
    event_id, state_data = found
    history = [entry for entry in state_data.get("state_history") or [] if isinstance(entry, dict)]
    unique = list({_key(entry): entry for entry in history}.values())
    return view.page(
        "bag",
        **head(view, subject),
        title=f"{subject.row.name}: state bag",
        bag=state_data,
        event_id=event_id,
        pointers={k: v for k, v in state_data.items() if _is_pointer(v)},
        fields={
            name: shown(value, limit=_LONG)
            for name, value in sorted(state_data.items())
            if not _is_pointer(value) and name not in _OWN_PLACES and value is not None
        },
        history=[(entry, shown(entry)) for entry in unique[-_HISTORY:]],
        history_count=len(unique),
        duplicates=len(history) - len(unique),
        branches={
            name: shown(state_data[name]) for name in _OWN_PLACES[1:] if state_data.get(name)
        },
        changes=list(_snapshot_changes(view, subject, state_data)),
    )


def _latest_bag(view: View, record: Record) -> tuple[int, dict[str, Any]] | None:
    """The last ``state_data`` that an event of the root frame carries, with the event's id."""
    root = next(iter(record.frames), None)
    lines = [line for line in record.events[-_LOOKED_BACK:] if line.frame_id == root]
    for line in reversed(lines):
        if not line.type.endswith(("StateExited", "StateEntered", "ExecutionSucceeded")):
            continue
        with view.engine.database.reading() as connection:
            packed = events_of(connection, [line.row])[line.row]
        details = decode_events(packed, view.engine.payloads.unpack)[line.place].details
        for field in ("output", "input"):
            document = details.get(field)
            if isinstance(document, dict) and isinstance(document.get("state_data"), dict):
                return line.id, document["state_data"]
    return None


def _is_pointer(value: object) -> bool:
    return isinstance(value, str) and value.startswith("s3://")


def _key(entry: dict[str, Any]) -> str:
    """What makes two entries of the log the same: their id, or else all they say (Contract 4.4)."""
    return str(entry.get("id") or dumps(entry))


def _snapshot_changes(
    view: View, subject: Subject, state_data: dict[str, Any]
) -> Iterator[tuple[str, str, Shown, Shown]]:
    """What changed between the snapshots before and after a fan-out."""
    before, after = (state_data.get(name) for name in _SNAPSHOTS)
    if not (isinstance(before, str) and isinstance(after, str)):
        return
    try:
        old, new = (_snapshot(view, subject, uri) for uri in (before, after))
    except ApiError:  # the objects may have expired; the pointers are on the page all the same
        return
    for each in differences(old, new):
        yield each.path, each.change, shown(each.old), shown(each.new)


def _snapshot(view: View, subject: Subject, uri: str) -> Any:
    """A snapshot, with the state that it points to (Contract 4.9)."""
    snapshot: Any = read_pointer(view, subject, uri)
    state = snapshot.get("state_s3_path") if isinstance(snapshot, dict) else None
    if not isinstance(state, str):
        return snapshot
    return {**snapshot, "state": read_pointer(view, subject, state)}
