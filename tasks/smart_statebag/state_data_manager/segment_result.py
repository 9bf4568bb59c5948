"""The part of ExecuteSegment's result that affects the bag (Contract 4.6)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.json_value import Json, JsonObject, is_integer, is_number
from tasks.smart_statebag.bag.statuses import PARALLEL_WORDS, SEQUENTIAL_BRANCH


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentResult:
    """The keys of a result that have an effect; a key of the wrong type counts as null.

    Attributes:
        violation: How the result breaks the contract, None if it conforms.
    """

    status: str | None
    state_path: str | None
    inline_state: JsonObject | None
    next_segment: int | None
    logs: list[Json]
    logs_path: str | None
    branches: list[Json]
    join_segment: int | None
    inner_map: list[Json] | None
    inner_map_path: str | None
    total_segments: int | None
    error_info: Json
    segment_id: Json
    execution_time: float | None
    violation: str | None


def segment_result(raw: Json) -> SegmentResult:
    """Read a result; a malformed one raises nothing, since it is a failure of the workflow."""
    result = raw if isinstance(raw, dict) else {}
    status = _text(result, "status")
    time = result.get("execution_time")
    inline = result.get("final_state")
    return SegmentResult(
        status=status,
        state_path=_text(result, "final_state_s3_path"),
        inline_state=inline if isinstance(inline, dict) else None,
        next_segment=_integer(result, "next_segment_to_run"),
        logs=_list(result, "new_history_logs") or [],
        logs_path=_text(result, "logs_s3_path"),
        branches=_list(result, "branches") or [],
        join_segment=_integer(result, "join_segment"),
        inner_map=_list(result, "inner_partition_map"),
        inner_map_path=_text(result, "inner_partition_map_s3_path"),
        total_segments=_integer(result, "total_segments"),
        error_info=result.get("error_info"),
        segment_id=result.get("segment_id"),
        execution_time=float(time) if is_number(time) else None,
        violation=_violation(raw, result, status),
    )


TYPES = {
    "status": (str, "a text"),
    "final_state_s3_path": (str, "a text"),
    "final_state": (dict, "an object"),
    "new_history_logs": (list, "a list"),
    "logs_s3_path": (str, "a text"),
    "branches": (list, "a list"),
    "inner_partition_map": (list, "a list"),
    "inner_partition_map_s3_path": (str, "a text"),
}
INTEGERS = ("next_segment_to_run", "join_segment", "total_segments")


def _violation(raw: Json, result: JsonObject, status: str | None) -> str | None:
    if raw is not None and not isinstance(raw, dict):
        return "the result is not an object"
    for name, (expected, words) in TYPES.items():
        if result.get(name) is not None and not isinstance(result[name], expected):
            return f"{name} is not {words}"
    for name in INTEGERS:
        if result.get(name) is not None and not is_integer(result[name]):
            return f"{name} is not an integer"
    if status in PARALLEL_WORDS and not result.get("branches"):
        return f"{status} without branches"
    if status == SEQUENTIAL_BRANCH:
        return _map_violation(result)
    return None


def _map_violation(result: JsonObject) -> str | None:
    if result.get("inner_partition_map"):
        return None
    if not result.get("inner_partition_map_s3_path"):
        return f"{SEQUENTIAL_BRANCH} without an inner map"
    # The length of a map behind a pointer is unknown here.
    if result.get("total_segments") is None:
        return f"{SEQUENTIAL_BRANCH} without total_segments"
    return None


def _text(result: JsonObject, name: str) -> str | None:
    value = result.get(name)
    return value if isinstance(value, str) and value else None


def _integer(result: JsonObject, name: str) -> int | None:
    value = result.get(name)
    return value if is_integer(value) else None


def _list(result: JsonObject, name: str) -> list[Json] | None:
    value = result.get(name)
    return value if isinstance(value, list) else None
