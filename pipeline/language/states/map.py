"""The Map state: one iteration of its item processor for each element of an array."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.language.errors import ExecutionError
from pipeline.language.fields import Expression, Template, fill
from pipeline.language.input_output import find, joined_outputs
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.jsonata_field import JsonataField, evaluation_failure
from pipeline.language.numeric_fields import percentage, tolerated_count, whole_number
from pipeline.language.outcomes import FanOut, FanOutKind, Joined, JoinFailed
from pipeline.language.query.jsonata_template import type_name
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    StateFields,
    Transition,
)
from pipeline.language.states.item_batcher import ItemBatcher, batching
from pipeline.language.states.item_reader import ItemReader, item_source
from pipeline.language.states.result_writer import ResultWriter, result_target
from pipeline.language.visit import Exited, Turn, Visit, error_details

if TYPE_CHECKING:
    from pipeline.language.state_machine import SubStateMachine


class ProcessorMode(StrEnum):
    """ProcessorConfig.Mode."""

    INLINE = "INLINE"
    DISTRIBUTED = "DISTRIBUTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(StateFields, InputOutput, ErrorHandling, Transition):
    """A Map state; ``item_selector`` also holds ``Parameters``, its older name.

    Attributes:
        items: Finds the array in the effective input; in mode DISTRIBUTED it may be an object.
            None, without ``Items`` in JSONata, for the input itself.
        item_reader: Another source of the items, or None.
        item_selector: Template of one iteration's input; None leaves the item unchanged.
        item_batcher: How to pass several items to one iteration, or None.
        result_writer: The target of the results; None makes their array the state's result.
        processor: The states that run for each item.
        mode: INLINE or DISTRIBUTED.
        execution_type: STANDARD or EXPRESS; None inline.
        max_concurrency: How many iterations run at a time, or the expression that computes it; 0
            for no limit.
        tolerated_failure_count: How many failed items are tolerated, or the expression that
            computes it, or None.
        tolerated_failure_percentage: The tolerated percentage (0 to 100) of failed items, likewise.
        label: Prefix of the map run's name, or None.
    """

    items: Expression | None
    item_reader: ItemReader | None
    item_selector: Template | None
    item_batcher: ItemBatcher | None
    result_writer: ResultWriter | None
    processor: "SubStateMachine"
    mode: ProcessorMode
    execution_type: str | None
    max_concurrency: int | Expression
    tolerated_failure_count: int | Expression | None
    tolerated_failure_percentage: float | Expression | None
    label: str | None


def enter(state: Map, visit: Visit) -> Turn:
    """Run the item processor for each element. An inline Map over an empty array ends at once.

    Before a reader has read its items, the history shows 0 of them, like AWS's. As on AWS,
    concurrency and items are evaluated before the state counts as started, the other fields after
    that.
    """
    document = state.flow.filtered_input(visit)
    width = whole_number("MaxConcurrency", state.max_concurrency, document, visit)
    found = None if state.item_reader is not None else _items(state, document, visit)
    visit.record("MapStateStarted", {"length": len(found or ())})
    fan_out = _fan_out(state, document, found, width, visit)
    if state.mode is ProcessorMode.DISTRIBUTED:
        visit.record("MapRunStarted", {})
    elif fan_out.items == []:
        return resume(state, Joined(outputs=[]), visit)
    return fan_out


def resume(state: Map, event: Joined | JoinFailed, visit: Visit) -> Exited:
    """Take the outputs of the iterations, or the error that failed them.

    Raises:
        ExecutionError: Too many iterations failed, or the outputs together are too large.
    """
    try:
        result = joined_outputs(event, visit)
    except ExecutionError as error:
        if state.mode is ProcessorMode.DISTRIBUTED:
            visit.record("MapRunFailed", error_details(error.error, error.cause))
        raise
    if state.mode is ProcessorMode.DISTRIBUTED:
        visit.record("MapRunSucceeded", {})
    visit.record("MapStateSucceeded", {})
    return state.flow.leave(state.next, result, visit)


def _items(state: Map, document: Json, visit: Visit) -> list[Json] | JsonObject:
    if isinstance(state.items, JsonataField):
        return _computed_items(state.items, state.mode, visit)
    if state.items is None:
        return _input_as_items(state, visit)
    items = find(state.items, document, visit)
    visit.show("afterItemsPath", items)
    if isinstance(items, dict) and state.mode is ProcessorMode.DISTRIBUTED:
        return items
    if not isinstance(items, list):
        raise visit.failure(f'Reference path "{state.items.text}" must point to array.')
    return items


def _computed_items(
    field: JsonataField, mode: ProcessorMode, visit: Visit
) -> list[Json] | JsonObject:
    if mode is ProcessorMode.DISTRIBUTED:
        items = field.evaluate(visit)
        if isinstance(items, dict):
            return items
    items = field.evaluate_as("array", visit)
    return items if isinstance(items, list) else []


def _input_as_items(state: Map, visit: Visit) -> list[Json] | JsonObject:
    if isinstance(visit.input, list):
        return visit.input
    if isinstance(visit.input, dict) and state.mode is ProcessorMode.DISTRIBUTED:
        return visit.input
    cause = f"Map state input must be an array but was: {type_name(visit.input)}"
    raise evaluation_failure(cause, visit, location=None)


def _fan_out(
    state: Map, document: Json, found: list[Json] | JsonObject | None, width: int, visit: Visit
) -> FanOut:
    reader, batcher, writer = state.item_reader, state.item_batcher, state.result_writer
    items = list(found.values()) if isinstance(found, dict) else found
    distributed = state.mode is ProcessorMode.DISTRIBUTED
    # AWS takes these fields in an inline Map too, where they do nothing.
    tolerated = (state.tolerated_failure_count or 0) if distributed else 0
    share = (state.tolerated_failure_percentage or 0.0) if distributed else 0.0
    return FanOut(
        kind=FanOutKind.DISTRIBUTED_MAP if distributed else FanOutKind.INLINE_MAP,
        scopes=(state.processor.scope,),
        items=items,
        keys=tuple(found) if isinstance(found, dict) else None,
        input=document,
        reader=None if reader is None else item_source(reader, document, visit),
        batching=None if batcher is None else batching(batcher, document, visit),
        writer=None if writer is None else result_target(writer, document, visit),
        total=0 if batcher is not None else len(items or ()),
        max_concurrency=width,
        tolerated_failure_count=tolerated_count(tolerated, document, visit),
        tolerated_failure_percentage=percentage(
            "ToleratedFailurePercentage", share, document, visit
        ),
    )


def iteration_input(state: Map, item: Json, visit: Visit) -> Json:
    """The input of the iteration whose item is the visit's ``$$.Map.Item``.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated.
    """
    if state.item_selector is None:
        return item
    return fill(state.item_selector, state.flow.filtered_input(visit), visit)
