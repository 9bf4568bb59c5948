"""The Map state: one iteration of its item processor for each element of an array."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.language.errors import ExecutionError
from pipeline.language.input_output import (
    fill,
    filtered_input,
    find,
    joined_outputs,
    leave,
    select_result,
)
from pipeline.language.json_value import Json
from pipeline.language.numeric_fields import percentage, whole_number
from pipeline.language.outcomes import FanOut, FanOutKind, Joined, JoinFailed
from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    ResultFields,
    StateFields,
    Transition,
)
from pipeline.language.states.item_reader import ItemReader, item_source
from pipeline.language.states.result_writer import ResultWriter, result_target
from pipeline.language.visit import Exited, Turn, Visit, error_details

if TYPE_CHECKING:
    from pipeline.language.definition import SubStateMachine


class ProcessorMode(StrEnum):
    """ProcessorConfig.Mode."""

    INLINE = "INLINE"
    DISTRIBUTED = "DISTRIBUTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(StateFields, InputOutput, ResultFields, ErrorHandling, Transition):
    """A Map state; ``parameters`` is always None (the old spelling lands in ``item_selector``).

    Attributes:
        items_path: Finds the array in the effective input.
        item_reader: Where the items come from instead, or None.
        item_selector: Template of one iteration's input, or None for the item as it is.
        result_writer: Where the results go instead of into the state's result, or None.
        processor: What runs for each item.
        mode: INLINE or DISTRIBUTED.
        execution_type: STANDARD or EXPRESS; None inline.
        max_concurrency: Iterations at a time, or the path that gives it; 0 is unlimited.
        tolerated_failure_count: Failed items that do not fail the state, or the path, or None.
        tolerated_failure_percentage: The same in per cent (0 to 100).
        label: Prefix of the map run's name, or None.
    """

    items_path: JsonPath
    item_reader: ItemReader | None
    item_selector: PayloadTemplate | None
    result_writer: ResultWriter | None
    processor: "SubStateMachine"
    mode: ProcessorMode
    execution_type: str | None
    max_concurrency: int | JsonPath
    tolerated_failure_count: int | JsonPath | None
    tolerated_failure_percentage: float | JsonPath | None
    label: str | None


def enter(state: Map, visit: Visit) -> Turn:
    """Run the item processor for each element; an empty array is done at once.

    How many items a reader will find is not known yet: the history then says 0, as AWS's does.
    """
    document = filtered_input(state, visit)
    fan_out = _fan_out(state, document, visit)
    visit.record("MapStateStarted", {"length": fan_out.total})
    if state.mode is ProcessorMode.DISTRIBUTED:
        visit.record("MapRunStarted", {})
    if fan_out.items == [] and fan_out.writer is None:
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
        _record_failure(state, error, visit)
        raise
    if state.mode is ProcessorMode.DISTRIBUTED:
        visit.record("MapRunSucceeded", {})
    visit.record("MapStateSucceeded", {})
    return leave(state, state.next, select_result(state, result, visit), visit)


def _items(state: Map, document: Json, visit: Visit) -> list[Json]:
    items = find(state.items_path, document, visit)
    if not isinstance(items, list):
        raise visit.failure(f'Reference path "{state.items_path.text}" must point to array.')
    return items


def _fan_out(state: Map, document: Json, visit: Visit) -> FanOut:
    reader, writer = state.item_reader, state.result_writer
    items = None if reader is not None else _items(state, document, visit)
    tolerated = state.tolerated_failure_count or 0
    share = state.tolerated_failure_percentage or 0.0
    distributed = state.mode is ProcessorMode.DISTRIBUTED
    return FanOut(
        kind=FanOutKind.DISTRIBUTED_MAP if distributed else FanOutKind.INLINE_MAP,
        scopes=(state.processor.scope,),
        items=items,
        input=document,
        reader=None if reader is None else item_source(reader, document, visit),
        writer=None if writer is None else result_target(writer, document, visit),
        total=len(items or ()),
        max_concurrency=whole_number("MaxConcurrency", state.max_concurrency, document, visit),
        tolerated_failure_count=whole_number("ToleratedFailureCount", tolerated, document, visit),
        tolerated_failure_percentage=percentage(
            "ToleratedFailurePercentage", share, document, visit
        ),
    )


def _record_failure(state: Map, error: ExecutionError, visit: Visit) -> None:
    if state.mode is ProcessorMode.DISTRIBUTED:
        visit.record("MapRunFailed", error_details(error.error, error.cause))
    visit.record("MapStateFailed", {})


def iteration_input(state: Map, item: Json, visit: Visit) -> Json:
    """The input of the iteration whose item the visit shows as ``$$.Map.Item``.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated.
    """
    if state.item_selector is None:
        return item
    return fill(state.item_selector, filtered_input(state, visit), visit)
