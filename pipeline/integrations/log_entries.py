"""History events as entries of an execution's log.

AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history", "Log levels
for Step Functions execution events".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.language.json_value import JsonObject, dump_bytes, dumps

MAX_ENTRY_BYTES = 250 * 1024
"""CloudWatch Logs takes 256 KiB including its own overhead; longer entries are truncated."""

_ENDS = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR_ENDINGS = ("Aborted", "Failed", "TimedOut")
_HEAD = frozenset({"id", "type", "timestamp", "previousEventId"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of a log; ``timestamp`` is in milliseconds since the epoch."""

    timestamp: int
    message: str


def is_logged(event_type: str, level: str) -> bool:
    """Whether a level (``ALL``, ``ERROR``, ``FATAL`` or ``OFF``) includes an event."""
    match level:
        case "ALL":
            return True
        case "ERROR":
            return event_type.endswith(_ERROR_ENDINGS) or event_type == "FailStateEntered"
        case "FATAL":
            return event_type in _ENDS
        case _:
            return False


def log_entries(
    events: Iterable[JsonObject], *, level: str, execution_arn: str, redrive_count: int
) -> Iterator[LogEntry]:
    """The entries of events, in their order.

    Args:
        events: In AWS's shape, with the timestamp in epoch seconds (see ``history.shaped``).
        level: The level of the logging configuration.
        execution_arn: ARN of the execution.
        redrive_count: The number of its redrives.
    """
    for event in events:
        if is_logged(str(event["type"]), level):
            yield _entry(event, execution_arn, redrive_count)


def _entry(event: JsonObject, execution_arn: str, redrive_count: int) -> LogEntry:
    at = event["timestamp"]
    assert isinstance(at, float | int)  # noqa: S101 - ``shaped`` writes a number
    timestamp = round(at * 1000)
    details = next((event[name] for name in event if name not in _HEAD), {})
    entry: JsonObject = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "redrive_count": str(redrive_count),
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(timestamp),
        "execution_arn": execution_arn,
    }
    if len(dump_bytes(entry)) > MAX_ENTRY_BYTES and isinstance(details, dict):
        entry["details"] = _cut(details)
    return LogEntry(timestamp=timestamp, message=dumps(entry))


def _cut(details: JsonObject) -> JsonObject:
    """The details with their documents truncated, and marked so."""
    texts = [name for name, value in details.items() if isinstance(value, str)]
    # A quarter, because the entry escapes a character to four times its bytes or more.
    budget = MAX_ENTRY_BYTES // (4 * len(texts) or 1)
    cut: JsonObject = {}
    for name, value in details.items():
        if isinstance(value, str) and len(value.encode()) > budget:
            cut[name] = value.encode()[:budget].decode(errors="ignore")
        elif name.endswith("Details") and _is_cut(details, name, budget):
            cut[name] = {"truncated": True}
        else:
            cut[name] = value
    return cut


def _is_cut(details: JsonObject, name: str, budget: int) -> bool:
    document = details.get(name.removesuffix("Details"))
    return isinstance(document, str) and len(document.encode()) > budget
