"""What the functions around task tokens need of the world; the defaults are the environment's."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.clock import Clock, SystemClock
from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.state_bucket import state_storage
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.callbacks.interface import Callbacks
from tasks.smart_statebag.callbacks.selection import callbacks
from tasks.smart_statebag.callbacks.token_store import TokenStore
from tasks.smart_statebag.tables import TASK_TOKENS, Table, open_table


def token_table() -> Table:
    """The table the environment names."""
    return open_table(TASK_TOKENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTools:
    """Each is opened at its first use: what a call does not need need not be there."""

    storage: Callable[[], StateStorage] = state_storage
    clock: Clock = field(default_factory=SystemClock)
    callbacks: Callable[[], Callbacks] = callbacks
    tokens: Callable[[], Table] = token_table

    def token_store(self) -> TokenStore:
        """The pauses that wait."""
        return TokenStore(table=self.tokens(), clock=self.clock)

    def access(self, bag: JsonObject) -> BagAccess:
        """Access to the objects of a bag."""
        return BagAccess(bag, self.storage, clock=self.clock, cached=False)
