"""The interface of the engine that runs the state machines."""

from typing import Protocol

from tasks.smart_statebag.bag.errors import StateBagError
from tasks.smart_statebag.bag.json_value import Json, JsonObject


class TaskTimedOut(StateBagError):
    """No Task state waits for the token: it was answered or timed out, or the execution ended."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"No Task state waits for the task token: {self.reason}"


class InvalidToken(StateBagError):
    """The text is not a task token of this engine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The task token is invalid: {self.reason}"


class Callbacks(Protocol):
    """Answers task tokens.

    Every method raises ``TaskTimedOut``, ``InvalidToken`` or, if the engine cannot be reached,
    ``StorageUnavailable``.
    """

    def send_task_success(self, token: str, output: Json) -> None:
        """End the waiting Task state with a result."""
        ...

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        """End the waiting Task state with an error."""
        ...

    def send_task_heartbeat(self, token: str) -> None:
        """Report that work on the answer continues."""
        ...


class StateMachines(Protocol):
    """Describes executions."""

    def describe_execution(self, execution_arn: str) -> JsonObject:
        """At least ``input`` and, after a success, ``output``, both as JSON text."""
        ...
