"""What the functions around task tokens need of the world; the defaults are the environment's."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tasks.bag.access import BagAccess
from tasks.bag.clock import Clock, SystemClock
from tasks.bag.json_value import JsonObject
from tasks.bag.state_bucket import state_storage
from tasks.bag.storage import StateStorage
from tasks.callbacks.interface import Callbacks
from tasks.callbacks.selection import callbacks
from tasks.callbacks.token_store import TokenStore
from tasks.tables import TASK_TOKENS, Table, open_table


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
