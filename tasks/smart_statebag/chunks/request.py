"""One call about a chunk, read from an event of either shape (Contract 8, 8.2)."""

from dataclasses import dataclass

from tasks.smart_statebag.bag import statuses
from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.counters import as_integer
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.keys import chunk_scope
from tasks.smart_statebag.chunks.chunk import Chunk, read_chunk
from tasks.smart_statebag.chunks.identity import identity_of
from tasks.smart_statebag.chunks.states import pointer_of
from tasks.smart_statebag.chunks.tools import ChunkTools

CARRIED = (
    "workflow_config_s3_path",
    "partition_map_s3_path",
    "total_segments",
    "max_branch_iterations",
    "idempotency_key",
    "MOCK_MODE",
)
"""Fields of B's calls that every segment receives; D passes its bag instead."""

RESUMABLE = statuses.PAUSED | {statuses.CONTINUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRequest:
    """One call.

    Attributes:
        bag: The ids and pointers of the execution.
        independent: Shape D: the chunk depends on no other; else it follows the previous chunk.
        state_path: The state it begins with, None if the call has none.
        first: The segment it begins at.
        previous: The report of the previous call if this call continues it; else empty.
        callback: The answer to the pause of that call.
    """

    bag: JsonObject
    chunk: Chunk
    independent: bool
    state_path: str | None
    first: int
    previous: JsonObject
    callback: Json = None

    @property
    def answers_a_pause(self) -> bool:
        return self.previous.get("status") in statuses.PAUSED

    def access(self, tools: ChunkTools) -> BagAccess:
        """Only the calls that carry a bag read through the cache."""
        return tools.access(self.bag, cached=self.independent)


def read_request(event: Json, tools: ChunkTools) -> ChunkRequest:
    """A call of ProcessSegmentChunk.

    Raises:
        InvalidInput: The chunk, its id or its index is missing.
    """
    fields = _object(event, "event")
    if isinstance(fields.get("state_data"), dict):
        return _independent(fields)
    chunk = read_chunk(fields.get("chunk_data"), fields.get("chunk_index"))
    bag = _serial_bag(fields, chunk)
    first = as_integer(fields.get("next_segment"))
    access = tools.access(bag)
    path = pointer_of(fields.get("previous_state"), bag, access, scope=chunk_scope(chunk.chunk_id))
    return ChunkRequest(
        bag=bag,
        chunk=chunk,
        independent=False,
        state_path=path or _text(fields.get("state_s3_path")),
        first=chunk.start if first is None else first,
        previous={},
    )


def read_resumption(event: Json) -> ChunkRequest:
    """A call of ResumeChunkProcessing.

    Raises:
        InvalidInput: The chunk, its id or what it reported before is missing.
    """
    fields = _object(event, "event")
    previous = _object(fields.get("chunk_result"), "chunk_result")
    identity = {name: previous.get(name) for name in ("chunk_id", "chunk_index")}
    item = fields.get("chunk_data")
    chunk = read_chunk({**identity, **(item if isinstance(item, dict) else {})})
    return _resumed(
        ChunkRequest(
            bag=_serial_bag(fields, chunk),
            chunk=chunk,
            independent=False,
            state_path=None,
            first=chunk.start,
            previous=previous,
            callback=fields.get("callback_result"),
        ),
        fields.get("paused_segment_id"),
    )


def _independent(fields: JsonObject) -> ChunkRequest:
    bag = _object(fields.get("state_data"), "state_data")
    chunk = read_chunk(fields.get("chunk_item"), fields.get("chunk_index"))
    previous = fields.get("previous")
    continues = isinstance(previous, dict) and previous.get("status") in RESUMABLE
    request = ChunkRequest(
        bag=bag,
        chunk=chunk,
        independent=True,
        state_path=_text(bag.get("state_s3_path")),
        first=chunk.start,
        previous=previous if continues and isinstance(previous, dict) else {},
        callback=fields.get("callback_result"),
    )
    return _resumed(request, fields.get("resume_from_segment")) if continues else request


def _resumed(request: ChunkRequest, segment: Json) -> ChunkRequest:
    """The call with the segment and the state at which the previous call stopped."""
    previous = request.previous
    given = (segment, previous.get("paused_segment_id"), previous.get("next_segment"))
    places = [place for place in map(as_integer, given) if place is not None]
    if not places:
        raise InvalidInput("paused_segment_id")
    path = previous.get("final_state_s3_path") or previous.get("result_s3_path")
    return ChunkRequest(
        bag=request.bag,
        chunk=request.chunk,
        independent=request.independent,
        state_path=_text(path) or request.state_path,
        first=places[0],
        previous=previous,
        callback=request.callback,
    )


def _serial_bag(fields: JsonObject, chunk: Chunk) -> JsonObject:
    bag = identity_of(fields, fields.get("chunk_data"))
    bag.update((name, fields[name]) for name in CARRIED if fields.get(name) is not None)
    bag.setdefault("idempotency_key", chunk.idempotency_key)
    return bag


def _object(value: Json, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidInput(name, "is required and must be an object")
    return value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
