"""How every v3 action ends: bounds, offloading, the stamp of time and size (Contract 4.2)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.errors import PayloadTooLarge
from tasks.smart_statebag.bag.history import V3_BOUNDS, bounded
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.offloading import offload_large_fields, offload_until
from tasks.smart_statebag.bag.sizes import SOFT_LIMIT, in_kb, payload_limit, size_of
from tasks.smart_statebag.state_data_manager.calls import ActionCall
from tasks.smart_statebag.state_data_manager.taking_over import history_of


def finish(
    bag: JsonObject, access: BagAccess, call: ActionCall, max_payload_size_kb: Json = None
) -> JsonObject:
    """The bag as the action returns it.

    Raises:
        PayloadTooLarge: The fields that must stay in the bag exceed the payload limit.
    """
    limit = payload_limit(max_payload_size_kb)
    bag["state_history"] = bounded(history_of(bag, access), V3_BOUNDS, access)
    offload_large_fields(bag, access)
    bag["last_update_time"] = int(access.clock.now())
    stamp_size(bag)
    offload_until(bag, min(SOFT_LIMIT, limit), access)
    size = stamp_size(bag)
    reject_above(limit, size)
    call.report_v3(size)
    return bag


def stamp_size(bag: JsonObject) -> int:
    """Write the bag's size, its own digits included, into ``payload_size_kb``.

    Returns:
        The size in bytes.
    """
    bag["payload_size_kb"] = in_kb(size_of(bag))
    # Once more, since the first one's digits are part of the size.
    bag["payload_size_kb"] = in_kb(size_of(bag))
    return size_of(bag)


def reject_above(limit: int, size: int) -> None:
    """Raise ``PayloadTooLarge`` for a size above a limit, both in bytes."""
    if size > limit:
        raise PayloadTooLarge(size_bytes=size, limit_bytes=limit)
