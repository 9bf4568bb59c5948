"""The message that is being worked on, and how much more it may do."""

import time
from dataclasses import dataclass, field

from pipeline.integrations.functions.function import CeleryFunction, Function
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded

MAX_SECONDS = 5.0
"""Age at which a message takes no further item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of the engine.

    Attributes:
        queue: Queue of the function it is named after, or None for the engine's own messages,
            which call no function: every call stands below its function's name in Flower.
        budget_seconds: How long it may go on with further calls.
        group_id: Group of the chord it belongs to, or None.
        started: Monotonic seconds.
        failures: Errors of the calls that failed, so that Flower can show them.
    """

    queue: str | None = None
    budget_seconds: float = 0.0
    group_id: str | None = None
    started: float = field(default_factory=time.monotonic)
    failures: list[str] = field(default_factory=list)

    def may_call(self, function: Function) -> bool:
        """Whether another call may be made before this message ends."""
        return (
            function.queue == self.queue
            and not isinstance(function, CeleryFunction)
            and time.monotonic() - self.started < self.budget_seconds
        )

    @property
    def is_spent(self) -> bool:
        """Whether the lane must continue in another message.

        A lane whose items need no function could go on for hours, which no worker that is to be
        stopped waits for.
        """
        return time.monotonic() - self.started >= MAX_SECONDS

    def note(self, event: FunctionSucceeded | FunctionFailed) -> None:
        """Remember how a call ended."""
        if isinstance(event, FunctionFailed):
            self.failures.append(event.error)
