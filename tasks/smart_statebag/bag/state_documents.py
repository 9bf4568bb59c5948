"""State documents: writing one at a bag's position, and its inline forms (Contract 3.2, 3.3)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.envelopes import kind_of, s3_reference, wrapper
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, STATE_LIMIT, size_of
from tasks.smart_statebag.bag.storage import Written

MAIN, MERGE, HITP = "main", "merge", "hitp"


def write_state(state: Json, position: JsonObject, access: BagAccess, *, scope: str) -> Written:
    """Write a state document for the ``loop_counter`` and ``segment_to_run`` of a position."""
    directory = access.keys.state(
        scope,
        loop=integer_or(position.get("loop_counter"), 0),
        segment=integer_or(position.get("segment_to_run"), 0),
    )
    return access.write(directory, state)


def offload_state_fields(
    state: JsonObject, position: JsonObject, access: BagAccess
) -> tuple[JsonObject, bool]:
    """An inline state with its fields above 30 KB offloaded, its wrapper if still above 100 KB.

    Returns:
        The state or its wrapper, and whether anything was offloaded.
    """
    slim = dict(state)
    large = [
        name
        for name, value in state.items()
        if size_of(value) > FIELD_LIMIT and kind_of(value) is None
    ]
    for name in large:
        written = access.write(access.keys.field(name), state[name])
        slim[name] = s3_reference(written, stored_at=access.now_iso())
    if size_of(slim) > STATE_LIMIT:
        return wrapper(write_state(slim, position, access, scope=MAIN)), True
    return slim, bool(large)
