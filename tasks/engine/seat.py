"""How a message leaves its seat in a chord, or keeps it.

A message that holds a seat counts for its chord when it returns. It returns only when its lane
has no item left; otherwise the seat is taken up again later, by a message that the ledger
describes (``pipeline.engine.canvas``).
"""

from typing import Any

from celery.exceptions import Ignore

from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import after_commit
from pipeline.executor.continuation import Continuation, HandedOver, LaneEnded
from pipeline.executor.publishing import publish


def leave(task: Any, engine: Engine, continuation: Continuation) -> None:
    """End the message of a task as the continuation asks.

    Raises:
        celery.exceptions.Ignore: The seat is kept.
    """
    if task.request.chord is None:
        publish(engine, continuation)
        return
    match continuation:
        case LaneEnded():
            return
        case HandedOver(fans_out=True):
            # Without its chord the lane keeps its seat, which the sweeper's chord takes up.
            with after_commit(f"publish the fan-out of {task.name}"):
                task.replace(continuation.signature)
        case HandedOver():
            continuation.publish()
    raise Ignore
