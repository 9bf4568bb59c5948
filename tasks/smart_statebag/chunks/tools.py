"""What the functions of distributed executions need of the world."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.execute_segment import lambda_handler as execute_segment
from tasks.smart_statebag.segments.tools import LambdaContext

RunSegment: TypeAlias = Callable[[Json, LambdaContext | None], JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkTools:
    """The defaults are those of the environment, and ExecuteSegment in this process."""

    storage: Callable[[], StateStorage] = state_storage
    clock: Clock = field(default_factory=SystemClock)
    run_segment: RunSegment = execute_segment

    def access(self, bag: JsonObject, *, cached: bool = False) -> BagAccess:
        """Access to the objects of a bag; only v3 call sites read through the cache."""
        return BagAccess(bag, self.storage, clock=self.clock, cached=cached)
