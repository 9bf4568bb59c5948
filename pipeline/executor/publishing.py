"""Publishing what a burst leaves behind, where no message holds a seat.

A Celery task that holds one leaves it as ``tasks.engine.seat`` describes.
"""

from typing import assert_never

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.continuation import (
    Continuation,
    ExecutionOver,
    HandedOver,
    LaneEnded,
    Suspended,
)
from pipeline.executor.lanes import has_seat


def publish(engine: Engine, continuation: Continuation) -> None:
    """Publish the message that goes on, if there is one; the sweeper does if that fails."""
    match continuation:
        case HandedOver():
            continuation.publish()
        case LaneEnded() if has_seat(continuation.fan_out, continuation.lane):
            # The chord counts the lane when a message in its seat returns.
            send(engine.canvas.lane(continuation.fan_out, continuation.lane))
        case LaneEnded() | Suspended() | ExecutionOver():
            pass
        case _:
            assert_never(continuation)
