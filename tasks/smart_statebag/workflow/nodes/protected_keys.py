"""State keys that no node may write (Contract 6.5)."""

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.workflow.node_errors import NodeError

PROTECTED_KEYS = frozenset(
    {
        "ownerId",
        "workflowId",
        "execution_id",
        "idempotency_key",
        "segment_to_run",
        "loop_counter",
        "total_segments",
        "state_s3_path",
        "final_state_s3_path",
        "partition_map",
        "partition_map_s3_path",
        "state_history",
        "status",
        "error_info",
        "user_api_keys",
    }
)
RESERVED_PREFIX = "__"
ROUTER_RESULT = "__router_result"


def check_writes(writes: JsonObject) -> None:
    """Reject writes to protected and reserved keys.

    Raises:
        NodeError: One of the keys is protected.
    """
    refused = sorted(key for key in writes if is_protected(key))
    if refused:
        raise NodeError("ProtectedStateKey", f"a node may not write {', '.join(refused)}")


def is_protected(key: str) -> bool:
    """Whether nodes may not write a state key."""
    return key in PROTECTED_KEYS or (key.startswith(RESERVED_PREFIX) and key != ROUTER_RESULT)


def without_reserved(state: JsonObject) -> JsonObject:
    """A final document: the state without its reserved keys (Contract 5.7)."""
    return {key: value for key, value in state.items() if not key.startswith(RESERVED_PREFIX)}
