"""The item or batch that a child of a fan-out gets, as the ledger holds it."""

from typing import Any

from pipeline.engine.engine import Engine
from pipeline.executor.item_pages import NoSuchItem, item_in, own_item
from pipeline.interpreter.item import Item
from pipeline.language.map_run_plan import Batching
from pipeline.language.outcomes import FanOutKind
from pipeline.language.states.item_batcher import batch_input
from pipeline.ledger import fan_outs
from pipeline.ledger.rows import FanOutRow


def given_item(engine: Engine, fan_out: FanOutRow, position: int) -> Item:
    """The item of a Map's child, the whole input of a batch, or the input of a branch.

    Raises:
        NoSuchItem: There are not so many items.
        ObjectStoreError: They cannot be read.
    """
    if fan_out.is_paged:
        item = _paged_item(engine, fan_out, position)
        return item if fan_out.batching is None else _batch(engine, fan_out.batching, item)
    shared = engine.payloads.unpack(fan_out.shared)
    if fan_out.kind == FanOutKind.DISTRIBUTED_MAP:
        return own_item(shared, position)
    if fan_out.kind == FanOutKind.INLINE_MAP and isinstance(shared, list):
        return Item(value=shared[position])
    return Item(value=shared)


def items_of(fan_out: FanOutRow, given: Item) -> int:
    """How many items a child with this item or batch works on."""
    if fan_out.batching is None:
        return 1
    batch: Any = given.value  # as batch_input makes it
    return len(batch["Items"])


def _paged_item(engine: Engine, fan_out: FanOutRow, position: int) -> Item:
    with engine.database.reading() as connection:
        found = fan_outs.find_page(connection, fan_out.id, position)
    if found is None:
        raise NoSuchItem(position)
    first, page = found
    return item_in(engine.payloads.unpack(page), position - first)


def _batch(engine: Engine, batching: bytes, batch: Item) -> Item:
    plan: Any = engine.payloads.unpack(batching)  # of a Batching
    items = batch.value
    assert isinstance(items, list)  # noqa: S101 - as batches are stored
    return Item(value=batch_input(items, Batching(**plan)))
