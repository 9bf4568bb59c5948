"""The tools of the functions of distributed executions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.tools import StorageTools
from tasks.smart_statebag.execute_segment import lambda_handler as execute_segment
from tasks.smart_statebag.segments.tools import LambdaContext

RunSegment: TypeAlias = Callable[[Json, LambdaContext | None], JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkTools(StorageTools):
    """``run_segment`` is ExecuteSegment, by default in this process."""

    run_segment: RunSegment = execute_segment
