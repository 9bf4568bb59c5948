"""Answering task tokens and describing executions, in this process or by an API (7.4)."""

from tasks.smart_statebag.callbacks.interface import (
    Callbacks,
    InvalidToken,
    StateMachines,
    TaskTimedOut,
)
from tasks.smart_statebag.callbacks.selection import callbacks, state_machines

__all__ = [
    "Callbacks",
    "InvalidToken",
    "StateMachines",
    "TaskTimedOut",
    "callbacks",
    "state_machines",
]
