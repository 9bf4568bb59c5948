"""ItemBatcher: batches the items of a distributed Map (specification: "Map State")."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.language.data_limits import MAX_BYTES
from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError
from pipeline.language.fields import Expression, Template, fill
from pipeline.language.json_value import Json, JsonObject, size_in_bytes
from pipeline.language.map_run_plan import Batching
from pipeline.language.numeric_fields import whole_number
from pipeline.language.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBatcher:
    """An ItemBatcher.

    Attributes:
        max_items_per_batch: The maximum number of items in a batch, or its path, or None.
        max_input_bytes_per_batch: The maximum size of a child's input, or its path, or None.
        batch_input: Template of the input that every child gets besides its items, or None.
    """

    max_items_per_batch: int | Expression | None
    max_input_bytes_per_batch: int | Expression | None
    batch_input: Template | None


def batching(batcher: ItemBatcher, document: Json, visit: Visit) -> Batching:
    """The limits and the shared input of the batches.

    Raises:
        ExecutionError: One of the fields cannot be evaluated.
    """
    items, size = batcher.max_items_per_batch, batcher.max_input_bytes_per_batch
    if items is not None:
        items = whole_number("MaxItemsPerBatch", items, document, visit, least=1)
    size = MAX_BYTES if size is None else size
    size = whole_number("MaxInputBytesPerBatch", size, document, visit, least=1)
    template = batcher.batch_input
    return Batching(
        max_items=items,
        max_bytes=min(size, MAX_BYTES),
        batch_input=None if template is None else fill(template, document, visit),
    )


def batch_input(items: list[Json], plan: Batching) -> JsonObject:
    """The input of the child of a batch."""
    shared = {} if plan.batch_input is None else {"BatchInput": plan.batch_input}
    return {**shared, "Items": items}


def batches(items: Iterable[Json], plan: Batching) -> Iterator[list[Json]]:
    """The items in order, in batches as large as the limits allow.

    Raises:
        ExecutionError: States.ItemReaderFailed, if an item is too large for a batch.
    """
    frame = size_in_bytes(batch_input([], plan))
    batch: list[Json] = []
    size = frame
    for number, item in enumerate(items):
        own = size_in_bytes(item)
        if frame + own > plan.max_bytes:
            raise _too_large(number, own, plan)
        if batch and (len(batch) == plan.max_items or size + 1 + own > plan.max_bytes):
            yield batch
            batch, size = [], frame
        size += own + bool(batch)  # and a comma
        batch.append(item)
    if batch:
        yield batch


def _too_large(number: int, size: int, plan: Batching) -> ExecutionError:
    return ExecutionError(
        ITEM_READER_FAILED,
        f"The item at index {number} has {size} bytes and does not fit into a batch of at most"
        f" {plan.max_bytes} bytes",
    )
