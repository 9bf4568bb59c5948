"""The message that is being worked on, and how much more it may do."""

import time
from dataclasses import dataclass, field

from pipeline.functions.function import CeleryFunction, Function
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of the engine.

    Attributes:
        function: The function it is named after, or None for the engine's own messages, which
            call no function: every call stands below its function's name in Flower.
        budget_seconds: How long it may go on with further calls.
        group_id: Group of the chord it belongs to, or None.
        started: Monotonic seconds.
        failures: Errors of the calls that failed, so that Flower can show them.
    """

    function: Function | None = None
    budget_seconds: float = 0.0
    group_id: str | None = None
    started: float = field(default_factory=time.monotonic)
    failures: list[str] = field(default_factory=list)

    def may_call(self, function: Function) -> bool:
        """Whether another call may be made before this message ends."""
        return (
            self.function is not None
            and not isinstance(function, CeleryFunction)
            and function.queue == self.function.queue
            and time.monotonic() - self.started < self.budget_seconds
        )

    def note(self, event: FunctionSucceeded | FunctionFailed) -> None:
        """Remember how a call ended."""
        if isinstance(event, FunctionFailed):
            self.failures.append(event.error)
