"""What the functions of distributed executions need of the world."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tasks.bag.access import BagAccess
from tasks.bag.clock import Clock, SystemClock
from tasks.bag.json_value import Json, JsonObject
from tasks.bag.state_bucket import state_storage
from tasks.bag.storage import StateStorage
from tasks.execute_segment import lambda_handler as execute_segment
from tasks.segments.tools import LambdaContext

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
