"""From a result's status to ``next_action`` (Contract 4.3)."""

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.failures import failure, normalised
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult


def next_action(result: SegmentResult, position: JsonObject) -> str:
    """The ``next_action`` after a result, by the first rule that matches.

    Args:
        position: The bag (or branch state) with the result's ``segment_to_run`` and
            ``total_segments`` already in it.
    """
    status = result.status
    if status in statuses.FAILING:
        return str(status)
    if result.violation or status is None:
        return statuses.FAILED
    if status in statuses.GOING_ON:
        return statuses.COMPLETE if is_past_end(position) else statuses.CONTINUE
    return ROUTES.get(status, statuses.FAILED)


def is_past_end(position: JsonObject) -> bool:
    """Whether the next segment lies after the end of the map in force."""
    total = as_integer(position.get("total_segments"))
    if total is None:
        segments = position.get("partition_map")
        total = len(segments) if isinstance(segments, list) else None
    segment = as_integer(position.get("segment_to_run"))
    return total is not None and segment is not None and segment >= total


def error_of(result: SegmentResult, action: str) -> Json:
    """The error behind a failing ``next_action``, null for any other."""
    if action not in statuses.FAILING:
        return None
    if result.status in statuses.FAILING:
        cause = f"The segment ended with the status {result.status}"
        given = result.error_info
        return failure(str(result.status), cause) if given is None else normalised(given)
    if result.violation:
        return failure(statuses.INVALID_RESULT, result.violation)
    named = "no status" if result.status is None else f"the status {result.status!r}"
    return failure(statuses.UNKNOWN_STATUS, f"The result has {named}")


ROUTES = {
    statuses.COMPLETE: statuses.COMPLETE,
    **dict.fromkeys(statuses.PARALLEL_WORDS, statuses.PARALLEL_GROUP),
    statuses.SEQUENTIAL_BRANCH: statuses.SEQUENTIAL_BRANCH,
    **{word: word for word in statuses.PAUSED},
    statuses.PAUSED_FOR_ASYNC_LLM: statuses.PAUSED_FOR_ASYNC_LLM,
}
"""Statuses whose ``next_action`` does not depend on the position."""
