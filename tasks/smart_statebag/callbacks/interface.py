"""What the functions ask of the engine that runs the state machines."""

from typing import Protocol

from tasks.smart_statebag.bag.errors import StateBagError
from tasks.smart_statebag.bag.json_value import Json, JsonObject


class TaskTimedOut(StateBagError):
    """Nobody waits for a task token any more: answered, timed out, or its execution has ended."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"Nobody waits for the task token: {self.reason}"


class InvalidToken(StateBagError):
    """A text is no task token of this engine."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The task token is invalid: {self.reason}"


class Callbacks(Protocol):
    """Answers task tokens.

    Every method raises ``TaskTimedOut``, ``InvalidToken`` or, if the engine cannot be asked,
    ``StorageUnavailable``.
    """

    def send_task_success(self, token: str, output: Json) -> None:
        """Give the Task state that waits its result."""
        ...

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        """Fail the Task state that waits."""
        ...

    def send_task_heartbeat(self, token: str) -> None:
        """Say that the work on the answer goes on."""
        ...


class StateMachines(Protocol):
    """Knows executions."""

    def describe_execution(self, execution_arn: str) -> JsonObject:
        """At least the ``input``, and the ``output`` of one that succeeded, both as JSON text."""
        ...
