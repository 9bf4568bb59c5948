"""The objects of chunks with fixed names: their records, and the latest state (Contract 8.2)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.json_value import Json, JsonObject


def read_record(chunk_id: str, access: BagAccess) -> JsonObject | None:
    """The latest report of a chunk, None if it has not reported."""
    return _read(access.keys.chunk_record(chunk_id), access)


def write_record(chunk_id: str, report: JsonObject, access: BagAccess) -> None:
    """Store the report of a chunk, with all results of its segments."""
    access.storage.write_named(access.keys.chunk_record(chunk_id), report)


def read_latest(access: BagAccess) -> JsonObject | None:
    """How far the last chunk came, None before the first has ended."""
    return _read(access.keys.latest_state(), access)


def write_latest(latest: JsonObject, access: BagAccess) -> None:
    """Store how far a chunk came."""
    access.storage.write_named(access.keys.latest_state(), latest)


def results_in(record: JsonObject | None) -> list[Json]:
    """The results of segments that a record lists."""
    results = (record or {}).get("chunk_results")
    return results if isinstance(results, list) else []


def _read(key: str, access: BagAccess) -> JsonObject | None:
    # A read cannot tell an object that is missing from a store that fails; a list can.
    pointer = access.storage.pointer(key)
    if pointer not in access.storage.list_pointers(key):
        return None
    found = access.hydrator.load_afresh(pointer)
    return found if isinstance(found, dict) else None
