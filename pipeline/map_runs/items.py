"""The items of a map run: reading them by ItemReader, batching and storing them."""

from collections.abc import Iterator
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.executor.item_pages import own_items, store_items
from pipeline.interpreter.child_frames import batches_of
from pipeline.interpreter.item import Item
from pipeline.language.map_run_plan import Batching, ItemSource
from pipeline.ledger.fan_outs import StoredItems
from pipeline.ledger.rows import FanOutRow
from pipeline.map_runs.item_readers.reading import read_items
from pipeline.map_runs.keeping_alive import UnderWay


def store_items_of(engine: Engine, fan_out: FanOutRow) -> StoredItems:
    """Store the items of a map run, with one page in memory at a time.

    Raises:
        ExecutionError: States.ItemReaderFailed, or an error of ItemSelector for an item of a batch.
        Overtaken: The map run is over.
    """
    items = _items(engine, fan_out)
    if fan_out.batching is None:
        return _store(engine, fan_out, items)
    counted = _Counted(items)
    plan: Any = engine.payloads.unpack(fan_out.batching)  # the fields of a Batching
    execution = engine.executions.cached(fan_out.execution_id)
    batches = batches_of(
        execution.machine,
        engine.fan_outs.parent_of(fan_out),
        counted,
        Batching(**plan),
        execution.context,
        engine.sources(fan_out.frame_id),
    )
    stored = _store(engine, fan_out, (Item(value=batch) for batch in batches))
    return StoredItems(pages=stored.pages, total=stored.total, item_count=counted.count)


def _store(engine: Engine, fan_out: FanOutRow, items: Iterator[Item]) -> StoredItems:
    under_way = UnderWay(engine, fan_out)
    return store_items(engine.payloads, fan_out.execution_id, items, under_way)


def _items(engine: Engine, fan_out: FanOutRow) -> Iterator[Item]:
    if fan_out.reader is None:
        return own_items(engine.payloads.unpack(fan_out.shared))
    fields: Any = engine.payloads.unpack(fan_out.reader)  # the fields of an ItemSource
    return read_items(ItemSource(**fields), engine.settings.s3_directory)


class _Counted:
    """Items, with a count of those that were yielded."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self.count = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self._items:
            self.count += 1
            yield item
