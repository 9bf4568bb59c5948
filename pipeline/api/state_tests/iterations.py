"""The iterations that a Map state under test would have: their items, inputs and limits."""

import io
from collections.abc import Iterator
from copy import copy
from itertools import islice

from pipeline.api.state_tests.state_test import InvalidStateTest
from pipeline.interpreter.frame import MapItem
from pipeline.interpreter.item import STATE_DATA, Item
from pipeline.interpreter.visits import item_context
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.map_run_plan import ItemSource
from pipeline.language.outcomes import FanOut, FanOutKind
from pipeline.language.states.item_batcher import batch_input, batches
from pipeline.language.states.map import Map, iteration_input
from pipeline.language.visit import Visit
from pipeline.map_runs.item_readers.reading import FORMATS

_TEXTS = frozenset({"CSV", "JSONL"})
"""Values of InputType that name a format of text other than JSON."""


def items_of(fan_out: FanOut, read: str | None) -> list[Item]:
    """The items of a Map state.

    Args:
        fan_out: The state's fan-out.
        read: The mocked content of its ItemReader's file, or None.

    Raises:
        ExecutionError: States.ItemReaderFailed; the content does not have its format.
        InvalidStateTest: There is nothing to take for what the reader reads.
    """
    if fan_out.reader is None:
        keys = fan_out.keys or (None,) * len(fan_out.items or ())
        source = STATE_DATA if fan_out.kind is FanOutKind.DISTRIBUTED_MAP else None
        return [
            Item(value=value, key=key, source=source)
            for key, value in zip(keys, fan_out.items or (), strict=True)
        ]
    if read is None:
        raise InvalidStateTest(
            "A Map state with an ItemReader needs 'stateConfiguration.mapItemReaderData'"
        )
    return list(islice(_read(fan_out.reader, read), fan_out.reader.max_items))


def _read(source: ItemSource, content: str) -> Iterator[Item]:
    stream: io.BufferedReader = io.BufferedReader(io.BytesIO(content.encode()))
    # The mock of a format that is not text, or of several files, is the array of items itself.
    read = FORMATS[source.input_type if source.input_type in _TEXTS else "JSON"]
    for key, value in read(stream, source):
        yield Item(value=value, key=key)


def show_iterations(state: Map, fan_out: FanOut, items: list[Item], visit: Visit) -> None:
    """Add the limits and inputs of the iterations to the visit's inspection data.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated, or an item fits into no batch.
    """
    visit.show("maxConcurrency", fan_out.max_concurrency)
    if fan_out.kind is FanOutKind.DISTRIBUTED_MAP:
        visit.show("toleratedFailureCount", fan_out.tolerated_failure_count)
        visit.show("toleratedFailurePercentage", fan_out.tolerated_failure_percentage)
    if fan_out.reader is not None and fan_out.reader.items_pointer is not None:
        visit.show("afterItemsPointer", _pointed_at(items))
    # A copy: the context object of the state itself shows no item.
    inputs = list(_inputs(state, items, copy(visit)))
    if state.item_selector is not None:
        visit.show("afterItemSelector", inputs)
    if fan_out.batching is not None:
        plan = fan_out.batching
        visit.show("afterItemBatcher", [batch_input(some, plan) for some in batches(inputs, plan)])


def _pointed_at(items: list[Item]) -> Json:
    """The array or object that the items are of."""
    pairs: JsonObject = {item.key: item.value for item in items if item.key is not None}
    return pairs or [item.value for item in items]


def _inputs(state: Map, items: list[Item], visit: Visit) -> Iterator[Json]:
    for position, item in enumerate(items):
        shown = MapItem(index=position, value=item.value, key=item.key, source=item.source)
        visit.show_item(item_context(shown))
        pair: Json = {"Key": item.key, "Value": item.value}
        yield iteration_input(state, item.value if item.key is None else pair, visit)
