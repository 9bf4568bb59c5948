"""The bag an execution begins with: every field of Contract 2.1, large data in S3."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import s3_reference, wrapper
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, in_kb, size_of
from tasks.smart_statebag.initialization.plan import Plan
from tasks.smart_statebag.initialization.request import InitRequest
from tasks.smart_statebag.workflow.manifest import slimmed

INIT_SCOPE = "init"


def identity_of(request: InitRequest) -> JsonObject:
    """The ids of the execution, from which its keys follow."""
    given = request.input
    key = given.get("idempotency_key")
    reservation = given.get("quota_reservation_id")
    return {
        "ownerId": given["ownerId"],
        "workflowId": given["workflowId"],
        "execution_id": request.execution_id,
        "idempotency_key": key if isinstance(key, str) and key else request.execution_name,
        "quota_reservation_id": reservation if isinstance(reservation, str) else "",
        "MOCK_MODE": "true" if request.mock else "false",
    }


def first_bag(request: InitRequest, plan: Plan, state: JsonObject, access: BagAccess) -> JsonObject:
    """Write the documents of an execution and gather its bag."""
    now = int(access.clock.now())
    bag: JsonObject = {
        **identity_of(request),
        "input": _bounded(request.rest, "input", access),
        "light_config": plan.light_config(str(request.input["workflowId"])),
        "workflow_config_s3_path": access.write(access.keys.config(), plan.configuration).path,
        "workflow_config": None,
        **_state_fields(state, access),
        **plan.decisions(),
        **_map_fields(plan, access),
        **_manifest_fields(plan, access),
        **_initial_values(),
        "start_time": now,
        "last_update_time": now,
        "payload_size_kb": 0,
    }
    bag["payload_size_kb"] = in_kb(size_of(bag))
    return bag


def _state_fields(state: JsonObject, access: BagAccess) -> JsonObject:
    written = access.write(access.keys.state(INIT_SCOPE, loop=0, segment=0), state)
    small = written.size_bytes <= FIELD_LIMIT
    return {"state_s3_path": written.path, "current_state": state if small else wrapper(written)}


def _map_fields(plan: Plan, access: BagAccess) -> JsonObject:
    """Exactly one of the map and its pointer."""
    partition_map: list[Json] = list(plan.partition_map)
    if plan.may_inline_map and size_of(partition_map) <= FIELD_LIMIT:
        return {"partition_map": partition_map, "partition_map_s3_path": None}
    path = access.write(access.keys.partition(), partition_map).path
    return {"partition_map": None, "partition_map_s3_path": path}


def _manifest_fields(plan: Plan, access: BagAccess) -> JsonObject:
    manifest: list[Json] = list(plan.manifest)
    if size_of(manifest) <= FIELD_LIMIT:
        return {"segment_manifest": manifest, "segment_manifest_s3_path": None}
    path = access.write(access.keys.manifest(), manifest).path
    return {"segment_manifest": slimmed(plan.manifest), "segment_manifest_s3_path": path}


def _bounded(value: JsonObject, name: str, access: BagAccess) -> JsonObject:
    if size_of(value) <= FIELD_LIMIT:
        return value
    return s3_reference(access.write(access.keys.field(name), value), stored_at=access.now_iso())


def _initial_values() -> JsonObject:
    """Fields that later states read before any action writes them."""
    return {
        "segment_to_run": 0,
        "join_segment": None,
        "loop_counter": 0,
        "pending_branches": [],
        "branch_summary": None,
        "failed_branches": [],
        "failed_branches_s3_path": None,
        "distributed_chunk_summary": None,
        "failed_chunks": [],
        "failed_chunks_s3_path": None,
        "pre_snapshot_s3_path": None,
        "post_snapshot_s3_path": None,
        "state_history": [],
        "state_durations": {},
        "last_hitp_response": None,
        "last_error": None,
    }
