"""``create_snapshot``: a restart point before or after distributed work (Contract 4.9)."""

import hashlib

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import integer_or
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.state_data_manager.calls import ActionCall, ActionTools, run_action
from tasks.smart_statebag.state_data_manager.event_fields import bag_of
from tasks.smart_statebag.state_data_manager.finishing import finish
from tasks.smart_statebag.state_data_manager.taking_over import last_entries

PRE, POST = "PRE_DISTRIBUTED", "POST_DISTRIBUTED"
TYPES = {"PRE": "pre", "POST": "post", PRE: PRE, POST: POST}
KEPT_ENTRIES = 30


def create_snapshot(event: JsonObject, tools: ActionTools | None = None) -> JsonObject:
    """Write a snapshot of the bag; a snapshot that cannot be written raises.

    Returns:
        ``{state_data, snapshot_s3_path, snapshot_id}``.
    """
    return run_action("create_snapshot", _create_snapshot, event, tools)


def take_snapshot(
    bag: JsonObject, snapshot_type: str, execution_id: Json, access: BagAccess
) -> JsonObject:
    """Write a snapshot and give ``{snapshot_s3_path, snapshot_id}``."""
    document = _document(bag, snapshot_type, execution_id, access)
    written = access.write(access.keys.snapshots(snapshot_type), document)
    return {"snapshot_s3_path": written.path, "snapshot_id": document["snapshot_id"]}


def _create_snapshot(event: JsonObject, call: ActionCall) -> JsonObject:
    bag = bag_of(event)
    access = call.open(bag)
    snapshot_type = _type_of(event.get("snapshot_type", "pre"))
    execution_id = event.get("execution_id") or bag.get("execution_id")
    snapshot = take_snapshot(bag, snapshot_type, execution_id, access)
    moment = "pre" if snapshot_type.upper().startswith("PRE") else "post"
    bag[f"{moment}_snapshot_s3_path"] = snapshot["snapshot_s3_path"]
    finished = finish(bag, access, call, event.get("max_payload_size_kb"))
    return {"state_data": finished, **snapshot}


def _type_of(given: Json) -> str:
    known = TYPES.get(given.upper()) if isinstance(given, str) else None
    if known is None:
        raise InvalidInput("snapshot_type", f"must be one of {', '.join(TYPES.values())}")
    return known


def _document(
    bag: JsonObject, snapshot_type: str, execution_id: Json, access: BagAccess
) -> JsonObject:
    loop = integer_or(bag.get("loop_counter"), 0)
    segment = integer_or(bag.get("segment_to_run"), 0)
    digest = hashlib.sha256(str(execution_id).encode()).hexdigest()[:8]
    # State documents are immutable, so pointers are enough to go back to this point.
    pointers_only = bag.get("state_s3_path") is not None
    return {
        "snapshot_id": f"{snapshot_type}-{loop}-{segment}-{digest}",
        "snapshot_type": snapshot_type,
        "execution_id": execution_id,
        "created_at": access.now_iso(),
        "segment_to_run": segment,
        "loop_counter": loop,
        "idempotency_key": bag.get("idempotency_key"),
        "is_pointer_only": pointers_only,
        "state_s3_path": bag.get("state_s3_path"),
        "workflow_config_s3_path": bag.get("workflow_config_s3_path"),
        "partition_map_s3_path": bag.get("partition_map_s3_path"),
        "state_data": None if pointers_only else _whole(bag, access),
    }


def _whole(bag: JsonObject, access: BagAccess) -> JsonObject:
    return {**bag, "state_history": last_entries(bag, access, KEPT_ENTRIES)}
