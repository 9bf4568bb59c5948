"""Taking a result into a bag or a branch state (Contract 4.6)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import kind_of, pointer_in
from tasks.smart_statebag.bag.history import merge_logs, split_marker
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.state_documents import write_state
from tasks.smart_statebag.bag.statuses import GOING_ON, SEQUENTIAL_BRANCH
from tasks.smart_statebag.state_data_manager.calls import ActionCall
from tasks.smart_statebag.state_data_manager.segment_result import SegmentResult


def state_path_of(
    result: SegmentResult, position: JsonObject, access: BagAccess, *, scope: str
) -> str | None:
    """The pointer to a result's state; an inline state without one is written first.

    Returns:
        None if the result has neither: the pointer in the bag stays.
    """
    if result.state_path is not None or result.inline_state is None:
        return result.state_path
    kind = kind_of(result.inline_state)
    if kind == "compressed":
        state = access.hydrator.hydrate(result.inline_state)
        return write_state(state, position, access, scope=scope).path
    if kind is not None:
        return pointer_in(kind, result.inline_state)
    return write_state(result.inline_state, position, access, scope=scope).path


def take_position(position: JsonObject, result: SegmentResult) -> None:
    """Move ``segment_to_run`` and, for a spliced map, put that in force."""
    if result.violation is not None:
        return
    if result.status == SEQUENTIAL_BRANCH:
        take_inner_map(position, result)
        position["segment_to_run"] = 0
    elif result.next_segment is not None:
        position["segment_to_run"] = result.next_segment
    elif result.status in GOING_ON:
        here = position.get("segment_to_run")
        position["segment_to_run"] = (here if isinstance(here, int) else 0) + 1


def take_inner_map(position: JsonObject, result: SegmentResult) -> None:
    """Put a result's inner map in force; exactly one of list and pointer is non-null."""
    inline = result.inner_map or None
    position["partition_map"] = inline
    position["partition_map_s3_path"] = None if inline else result.inner_map_path
    if result.total_segments is not None:
        position["total_segments"] = result.total_segments
    elif inline is not None:
        position["total_segments"] = len(inline)


def logs_of(result: SegmentResult, access: BagAccess) -> list[Json]:
    """A result's log entries, inline or behind their pointer."""
    if result.logs or result.logs_path is None:
        return result.logs
    return access.hydrator.load_list(result.logs_path)


def merge_new_logs(
    bag: JsonObject, new: list[Json], access: BagAccess, call: ActionCall
) -> list[Json]:
    """The bag's history with new entries merged in; dropped duplicates are counted."""
    history = history_of(bag, access)
    merged = merge_logs(history, new, access)
    call.duplicates_removed += len(new) - (len(merged) - len(history))
    return merged


def history_of(bag: JsonObject, access: BagAccess) -> list[Json]:
    """The list in a bag, hydrated if it was offloaded whole."""
    history = bag.get("state_history")
    if kind_of(history) is not None:
        history = access.hydrator.hydrate(history)
    return history if isinstance(history, list) else []


def last_entries(bag: JsonObject, access: BagAccess, count: int) -> list[Json]:
    """The newest entries of a bag, behind the marker of the archived ones."""
    marker, entries = split_marker(history_of(bag, access))
    head: list[Json] = [marker] if marker else []
    return head + entries[-count:]
