"""What is left to do when a message can do no more for its frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from celery.canvas import Signature

from pipeline.executor.after_commit import after_commit, send
from pipeline.ledger.rows import FanOutRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """Another message goes on.

    Attributes:
        signature: That message, still to be published.
        fans_out: Whether it is the chord of a fan-out, which replaces the message in its seat.
        published: To be called when it is published, or None.
    """

    signature: Signature
    fans_out: bool = False
    published: Callable[[], None] | None = None

    def publish(self) -> None:
        """Publish the message; the sweeper does if that fails."""
        if send(self.signature) and self.published:
            with after_commit(f"note that {self.signature.task} is published"):
                self.published()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """Nothing: the frame waits for a time or an answer, or another message has moved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneEnded:
    """The lane has no item left; its seat is to be given back to the chord."""

    fan_out: FanOutRow
    lane: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionOver:
    """The root frame has ended."""


Continuation: TypeAlias = HandedOver | Suspended | LaneEnded | ExecutionOver
"""What a burst leaves behind; a ``match`` over it ends in ``assert_never``."""
