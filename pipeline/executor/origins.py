"""What a burst begins with, where that is more than an event for a frame at rest."""

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.language.errors import ExecutionError
from pipeline.ledger.rows import ExecutionRow


@dataclass(frozen=True, slots=True)
class NewExecution:
    """The first commit writes the execution, too."""

    row: ExecutionRow


@dataclass(frozen=True, slots=True)
class EndedFanOut:
    """The frame's children have ended; the first commit closes their fan-out."""

    fan_out_id: str


@dataclass(frozen=True, slots=True)
class AnyClaim:
    """The frame is moved although a worker has claimed it: it timed out, or was answered."""


@dataclass(frozen=True, slots=True)
class FailedCreation:
    """The child could not be made, and fails at once."""

    error: ExecutionError


@dataclass(frozen=True, slots=True)
class ExpressChild:
    """The child is about to start, and runs in one go."""


Origin: TypeAlias = NewExecution | EndedFanOut | AnyClaim | FailedCreation | ExpressChild
