"""Publishing what a burst leaves behind, where no message holds a seat.

A Celery task that holds one leaves it as ``tasks.engine.seat`` describes.
"""

import logging
from typing import assert_never

from kombu.exceptions import OperationalError

from pipeline.engine.engine import Engine
from pipeline.executor.continuation import (
    Continuation,
    ExecutionOver,
    HandedOver,
    LaneEnded,
    Suspended,
)
from pipeline.executor.lanes import has_seat

log = logging.getLogger(__name__)


def publish(engine: Engine, continuation: Continuation) -> None:
    """Publish the message that goes on, if there is one.

    What it follows from is committed, and the ledger knows that it is owed: a broker that does
    not take it costs time, not the transition.
    """
    try:
        _publish(engine, continuation)
    except OperationalError:
        log.warning("the broker took no message; the sweeper publishes it again", exc_info=True)


def _publish(engine: Engine, continuation: Continuation) -> None:
    match continuation:
        case HandedOver():
            continuation.publish()
        case LaneEnded() if has_seat(continuation.fan_out, continuation.lane):
            # The chord counts the lane when a message in its seat returns.
            engine.canvas.lane(continuation.fan_out, continuation.lane).apply_async()
        case LaneEnded() | Suspended() | ExecutionOver():
            pass
        case _:
            assert_never(continuation)
