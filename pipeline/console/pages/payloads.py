"""Values that other pages only name: payloads in the object store, objects behind pointers."""

import hashlib
import json
from urllib.parse import urlsplit

from starlette.responses import Response

from config.local_deployment import local_deployment
from pipeline.api.errors import ApiError
from pipeline.console.pages.subject import Subject, head, subject_of
from pipeline.console.records.reading import RECORDS
from pipeline.console.records.values import shown, size_of
from pipeline.console.view import View
from pipeline.interpreter.frame_codec import decode_events
from pipeline.ledger.history import events_of
from pipeline.map_runs.buckets.bucket import BucketError
from pipeline.map_runs.buckets.opening import open_bucket

_LIMIT = 2_000_000


def payload(view: View) -> Response:
    """A value of an execution, whole: its input or output, or one of an event's documents."""
    subject = subject_of(view)
    field = view.parameter("field")
    event_id = view.number("event")
    value = _of_event(view, subject, event_id, field) if event_id else _own(view, subject, field)
    title = f"{field} of event {event_id}" if event_id else field
    return _page(view, subject, title, value)


def pointer(view: View) -> Response:
    """The object in the state bucket that a pointer of a Smart StateBag execution names."""
    subject = subject_of(view)
    uri = view.parameter("uri")
    return _page(view, subject, uri, read_pointer(view, subject, uri))


def read_pointer(view: View, subject: Subject, uri: str) -> object:
    """The JSON value in the state bucket behind a pointer.

    A pointer is data, which anyone may have written: it is followed only into the state bucket,
    and there only to what belongs to this execution.

    Raises:
        ApiError: The pointer leads elsewhere, or the object cannot be read.
    """
    parts = urlsplit(uri)
    bucket = local_deployment(view.engine.settings).state_bucket
    key = parts.path.lstrip("/")
    if parts.scheme != "s3" or parts.netloc != bucket or not _is_own(subject, key):
        raise ApiError(
            "AccessDeniedException",
            "The console follows pointers only to this execution's objects in the state bucket",
        )
    try:
        data = open_bucket(bucket, view.engine.settings.s3_directory).get(key)
        return json.loads(data)
    except (BucketError, ValueError) as error:
        raise ApiError("ResourceNotFound", f"{uri} cannot be read: {error}") from error


def _is_own(subject: Subject, key: str) -> bool:
    """Whether a key is below the execution's prefix (Contract 3.3)."""
    arn = subject.row.arn
    own = f"{subject.row.name}.{hashlib.sha256(arn.encode()).hexdigest()[:8]}"
    parts = key.split("/")
    return parts[0] == "workflow-states" and own in parts[3:4] and ".." not in parts


def _own(view: View, subject: Subject, field: str) -> object:
    packed = {"input": subject.row.input, "output": subject.row.output}.get(field)
    if packed is None:
        raise ApiError("ValidationException", f"The execution has no {field}")
    return view.engine.payloads.unpack(packed)


def _of_event(view: View, subject: Subject, event_id: int, field: str) -> object:
    with RECORDS.of(view.engine, subject.row.id) as record:
        if event_id > len(record.events):
            raise ApiError("ValidationException", f"There is no event {event_id}")
        line = record.events[event_id - 1]
    with view.engine.database.reading() as connection:
        packed = events_of(connection, [line.row])
    event = decode_events(packed[line.row], view.engine.payloads.unpack)[line.place]
    if field not in event.details:
        raise ApiError("ValidationException", f"Event {event_id} has no {field}")
    return event.details[field]


def _page(view: View, subject: Subject, name: str, value: object) -> Response:
    return view.page(
        "payload",
        **head(view, subject),
        title=f"{subject.row.name}: {name}",
        name=name,
        size=size_of(value),
        content=shown(value, limit=_LIMIT),
    )
