"""What branches, chunks and Map items report, read into one shape (Contract 4.9)."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.failures import SHORT_CAUSE, error_name
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.ordering import Ordered, ordered
from tasks.smart_statebag.bag.statuses import FAILED, INVALID_RESULT, succeeded

POINTER_FIELDS = ("s3_path", "final_state_s3_path", "output_s3_path", "result_s3_path")
STATUS_FIELDS = ("status", "branch_status")
ItemKind: TypeAlias = Literal["branch", "chunk"]
SAMPLE = 5
"""Failures that stay in the bag; all of them go to S3 when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultItem:
    """One item's report.

    Attributes:
        fields: Its report, unwrapped from ``Payload``.
        state_path: Pointer to its state, None if it has none.
        error_type: Name of its error, None for a success.
    """

    fields: JsonObject
    status: Json
    state_path: str | None
    error_type: str | None

    @property
    def succeeded(self) -> bool:
        return self.error_type is None

    @property
    def inline_state(self) -> JsonObject | None:
        """Its state, if it came inline (or in an envelope)."""
        state = self.fields.get("final_state")
        return state if isinstance(state, dict) else None

    @property
    def logs_path(self) -> Json:
        return self.fields.get("logs_s3_path")

    @property
    def inline_logs(self) -> list[Json]:
        logs = self.fields.get("new_history_logs")
        return logs if isinstance(logs, list) else []


def result_item(raw: Json) -> ResultItem:
    """Read one report; a success without any state is a failure."""
    fields = _unwrapped(raw)
    status = next((fields[name] for name in STATUS_FIELDS if fields.get(name) is not None), None)
    paths = (fields.get(name) for name in POINTER_FIELDS)
    path = next((path for path in paths if isinstance(path, str) and path), None)
    error: str | None = None
    if not succeeded(status):
        error = _error_of(fields, str(status or FAILED))
    elif path is None and not isinstance(fields.get("final_state"), dict):
        error = INVALID_RESULT
    return ResultItem(fields=fields, status=status, state_path=path, error_type=error)


def failed_item(identity: JsonObject, error_type: str) -> ResultItem:
    """The report of an item that failed without one."""
    return ResultItem(
        fields=identity, status=FAILED, state_path=None, error_type=error_type[:SHORT_CAUSE]
    )


def in_order(items: list[ResultItem]) -> Ordered[ResultItem]:
    """The items in the order in which they count (Contract 4.7)."""
    return ordered([(item.fields, item) for item in items])


def describe_failure(item: ResultItem, kind: ItemKind) -> JsonObject:
    """A failed branch, chunk or Map item as the bag lists it; Map items are listed as chunks."""
    return {
        f"{kind}_id": item_id(item, f"{kind}_id"),
        f"{kind}_index": item.fields.get(f"{kind}_index"),
        "status": item.status,
        "error_type": item.error_type,
    }


def item_id(item: ResultItem, field: str) -> str:
    """The name of an item: its own id, else that of its segment, else its position."""
    for name in (field, "segment_id", "execution_order"):
        value = item.fields.get(name)
        if value is not None:
            return str(value)[:SHORT_CAUSE]
    return "unknown"


def sample_of(failures: list[Json], field: str, access: BagAccess) -> tuple[list[Json], str | None]:
    """The first five failures, and the pointer to all of them if there are more."""
    if len(failures) <= SAMPLE:
        return failures, None
    return failures[:SAMPLE], access.write(access.keys.field(field), failures).path


def _unwrapped(raw: Json) -> JsonObject:
    payload = raw.get("Payload") if isinstance(raw, dict) else None
    if isinstance(payload, dict):
        return payload
    return raw if isinstance(raw, dict) else {}


def _error_of(fields: JsonObject, default: str) -> str:
    for name in ("error_type", "error_info", "error"):
        if fields.get(name):
            return error_name(fields[name], default)
    return default
