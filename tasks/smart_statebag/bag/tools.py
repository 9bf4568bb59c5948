"""The storage and the clock of every function of the Smart StateBag; a test may pass its own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import ReadCounts, StateStorage


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageTools:
    """The state bucket and the clock; the defaults are those of the environment.

    Attributes:
        storage: Opens the state bucket at its first use: a call that stores nothing needs none.
    """

    storage: Callable[[], StateStorage] = state_storage
    clock: Clock = field(default_factory=SystemClock)

    def access(
        self, bag: JsonObject, *, cached: bool = False, counts: ReadCounts | None = None
    ) -> BagAccess:
        """Access to the objects of a bag; only v3 call sites read through the cache."""
        return BagAccess(bag, self.storage, clock=self.clock, cached=cached, counts=counts)
