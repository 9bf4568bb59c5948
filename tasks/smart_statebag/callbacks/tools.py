"""The tools of the functions around task tokens."""

from collections.abc import Callable
from dataclasses import dataclass

from tasks.smart_statebag.bag.tools import StorageTools
from tasks.smart_statebag.callbacks.interface import Callbacks
from tasks.smart_statebag.callbacks.selection import callbacks
from tasks.smart_statebag.callbacks.token_store import TokenStore
from tasks.smart_statebag.tables import TASK_TOKENS, Table, open_table


def token_table() -> Table:
    """The table the environment names."""
    return open_table(TASK_TOKENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTools(StorageTools):
    """Each tool is opened at its first use, so a call needs only those that it uses."""

    callbacks: Callable[[], Callbacks] = callbacks
    tokens: Callable[[], Table] = token_table

    def token_store(self) -> TokenStore:
        """The pauses that wait."""
        return TokenStore(table=self.tokens(), clock=self.clock)
