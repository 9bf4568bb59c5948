"""One chunk: a range of a partition map, as an item of the distributed Map (Contract 8.1). Pure."""

from dataclasses import dataclass

from tasks.smart_statebag.bag.counters import as_integer, integer_or
from tasks.smart_statebag.bag.errors import InvalidInput
from tasks.smart_statebag.bag.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The segments from ``start`` to ``end``, both inclusive."""

    chunk_id: str
    index: int
    order: int
    total: int
    start: int
    end: int
    idempotency_key: str

    @property
    def segment_count(self) -> int:
        return self.end - self.start + 1

    def item(self, owner: Json, workflow: Json) -> JsonObject:
        """The element of the list the Map reads."""
        return {
            "chunk_id": self.chunk_id,
            "chunk_index": self.index,
            "execution_order": self.order,
            "total_chunks": self.total,
            "start_segment": self.start,
            "end_segment": self.end,
            "segment_count": self.segment_count,
            "idempotency_key": self.idempotency_key,
            "owner_id": owner,
            "workflow_id": workflow,
        }


def chunk_id_of(index: int) -> str:
    """The id of the chunk at a position."""
    return f"chunk_{index:04d}"


def make_chunks(ranges: list[range], idempotency_key: Json) -> list[Chunk]:
    """The chunks of consecutive ranges of segments."""
    return [
        Chunk(
            chunk_id=chunk_id_of(index),
            index=index,
            order=index,
            total=len(ranges),
            start=segments.start,
            end=segments.stop - 1,
            idempotency_key=f"{idempotency_key}#chunk#{index:04d}",
        )
        for index, segments in enumerate(ranges)
    ]


def read_chunk(item: Json, index: Json = None) -> Chunk:
    """A chunk from its item.

    Args:
        index: The position, where the item does not hold it.

    Raises:
        InvalidInput: ``chunk_id``, ``chunk_index`` or the range is missing.
    """
    fields = item if isinstance(item, dict) else {}
    chunk_id = fields.get("chunk_id")
    if not isinstance(chunk_id, str) or not chunk_id:
        raise InvalidInput("chunk_id")
    position = _integer(fields, "chunk_index", index)
    start = _integer(fields, "start_segment")
    return Chunk(
        chunk_id=chunk_id,
        index=position,
        order=integer_or(fields.get("execution_order"), position),
        total=integer_or(fields.get("total_chunks"), position + 1),
        start=start,
        end=_integer(fields, "end_segment"),
        idempotency_key=str(fields.get("idempotency_key") or ""),
    )


def _integer(fields: JsonObject, name: str, default: Json = None) -> int:
    number = as_integer(fields.get(name))
    number = as_integer(default) if number is None else number
    if number is None:
        raise InvalidInput(name)
    return number
