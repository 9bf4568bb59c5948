"""PrepareDistributedExecution: cuts the partition map into chunks (Contract 8.1)."""

from typing import Any

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import parse_pointer
from tasks.smart_statebag.chunks.borders import independent_ranges, serial_ranges, size_of_chunks
from tasks.smart_statebag.chunks.chunk import make_chunks
from tasks.smart_statebag.chunks.tools import ChunkTools
from tasks.smart_statebag.workflow.graph import objects
from tasks.smart_statebag.workflow.partitioning import Entry

CHUNK_SIZE = 100
MAX_CHUNKS = 100


def lambda_handler(event: Json, context: Any = None) -> JsonObject:
    """Write the list of chunks that the distributed Map reads.

    Returns:
        ``{chunks_bucket, chunks_key, total_chunks, chunk_size, original_segments, use_s3_reader,
        result_prefix, result_writer_prefix}``.
    """
    return prepare_distributed_execution(event)


def prepare_distributed_execution(event: Json, tools: ChunkTools | None = None) -> JsonObject:
    """As the handler, with the tools to use.

    Raises:
        InvalidInput: The bag or its map is missing, or a limit is not a positive number.
        UnsupportedTopology: Serial chunks cannot hold a loop of the map.
    """
    fields = event if isinstance(event, dict) else {}
    bag = fields.get("state_data")
    if not isinstance(bag, dict):
        raise InvalidInput("state_data", "is required and must be an object")
    access = (tools or ChunkTools()).access(bag)
    partition_map = _map_of(bag, access)
    size = size_of_chunks(
        len(partition_map),
        chunk_size=_limit(fields, "chunk_size", CHUNK_SIZE),
        max_chunks=_limit(fields, "max_chunks", MAX_CHUNKS),
    )
    independent = fields.get("assign_independent_paths") is True
    ranges = (independent_ranges if independent else serial_ranges)(partition_map, size)
    chunks = make_chunks(ranges, bag.get("idempotency_key"))
    items: Json = [chunk.item(bag.get("ownerId"), bag.get("workflowId")) for chunk in chunks]
    written = access.write(access.keys.chunk_list(), items)
    return {
        "chunks_bucket": access.storage.bucket,
        "chunks_key": parse_pointer(written.path).key,
        "total_chunks": len(chunks),
        "chunk_size": size,
        "original_segments": len(partition_map),
        "use_s3_reader": True,
        "result_prefix": access.keys.chunk_results(),
        "result_writer_prefix": access.keys.map_results(),
    }


def _map_of(bag: JsonObject, access: BagAccess) -> list[Entry]:
    inline = bag.get("partition_map")
    if not isinstance(inline, list):
        pointer = bag.get("partition_map_s3_path")
        if pointer is None:
            raise InvalidInput("partition_map_s3_path")
        inline = access.hydrator.load_list(pointer)
    entries = objects(inline)
    if not entries:
        raise InvalidInput("partition_map", "has no segments")
    return entries


def _limit(fields: JsonObject, name: str, default: int) -> int:
    given = fields.get(name)
    if given is None:
        return default
    number = as_integer(given)
    if number is None or number < 1:
        raise InvalidInput(name, "must be a positive number")
    return number
