"""SaveLatestState: stores how far a chunk of B has come (Contract 8.2)."""

from typing import Any

from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import chunk_scope
from tasks.smart_statebag.chunks.identity import identity_of
from tasks.smart_statebag.chunks.records import write_latest
from tasks.smart_statebag.chunks.states import pointer_of
from tasks.smart_statebag.chunks.tools import ChunkTools


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Write ``latest_state.json``; B runs its chunks one after another, so one writes at a time.

    Returns:
        ``{saved, state_s3_path}``.
    """
    return save_latest_state(event)


def save_latest_state(event: Json, tools: ChunkTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        InvalidInput: The chunk or its state is missing.
    """
    fields = event if isinstance(event, dict) else {}
    chunk_id, index = fields.get("chunk_id"), as_integer(fields.get("chunk_index"))
    if not isinstance(chunk_id, str) or not chunk_id:
        raise InvalidInput("chunk_id")
    if index is None:
        raise InvalidInput("chunk_index")
    access = (tools or ChunkTools()).access(identity_of(fields))
    scope = chunk_scope(chunk_id)
    position: JsonObject = {"loop_counter": index, "segment_to_run": fields.get("next_segment")}
    path = pointer_of(fields.get("final_state"), position, access, scope=scope)
    if path is None:
        raise InvalidInput("final_state")
    latest: JsonObject = {
        "chunk_index": index,
        "chunk_id": chunk_id,
        "status": fields.get("status"),
        "state_s3_path": path,
        "next_segment": fields.get("next_segment"),
        "updated_at": access.now_iso(),
    }
    write_latest(latest, access)
    return {"saved": True, "state_s3_path": path}
