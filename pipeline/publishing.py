"""Publishing what a burst leaves behind, where no message holds a seat.

A Celery task that holds one leaves it as ``tasks.seat`` describes.
"""

from typing import assert_never

from pipeline.continuation import Continuation, ExecutionOver, HandedOver, LaneEnded, Suspended
from pipeline.engine import Engine


def publish(engine: Engine, continuation: Continuation) -> None:
    """Publish the message that goes on, if there is one."""
    match continuation:
        case HandedOver():
            continuation.publish()
        case LaneEnded() if continuation.fan_out.group_id is not None:
            # The chord counts the lane when a message in its seat returns.
            engine.canvas.lane(continuation.fan_out, continuation.lane).apply_async()
        case LaneEnded() | Suspended() | ExecutionOver():
            pass
        case _:
            assert_never(continuation)
