"""The Map state: one iteration of its item processor for each element of an array."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.language.query.json_path import JsonPath
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    ResultFields,
    StateFields,
    Transition,
)

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
        item_selector: Template of one iteration's input, or None for the item as it is.
        processor: What runs for each item.
        mode: INLINE or DISTRIBUTED.
        execution_type: STANDARD or EXPRESS; None inline.
        max_concurrency: Iterations at a time, or the path that gives it; 0 is unlimited.
        tolerated_failure_count: Failed items that do not fail the state, or the path, or None.
        tolerated_failure_percentage: The same in per cent (0 to 100).
        label: Prefix of the map run's name, or None.
    """

    items_path: JsonPath
    item_selector: PayloadTemplate | None
    processor: "SubStateMachine"
    mode: ProcessorMode
    execution_type: str | None
    max_concurrency: int | JsonPath
    tolerated_failure_count: int | JsonPath | None
    tolerated_failure_percentage: float | JsonPath | None
    label: str | None
