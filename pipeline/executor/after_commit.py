"""What follows a commit: messages, wake-ups and status events.

None of them can fail what was committed, or the request that asked for it: a client that got an
error would start the execution again. The ledger records what is still to be published, so the
sweeper does later what failed here.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery.canvas import Signature
from celery.exceptions import TaskPredicate

from pipeline.engine.engine import Engine
from pipeline.executor.status_events import publish_status
from pipeline.interpreter.frame import Phase
from pipeline.ledger import nested_executions
from pipeline.ledger.rows import ExecutionRow

log = logging.getLogger(__name__)


@contextmanager
def after_commit(purpose: str) -> Iterator[None]:
    """Log a failure of the block instead of raising it.

    Args:
        purpose: What the block does, for the log.
    """
    try:
        yield
    except TaskPredicate:  # Celery's way to end a task, not a failure
        raise
    # Broad: brokers, result backends, the event bus and the ledger raise unrelated errors, and
    # even a defect of ours must not make a client repeat what was committed.
    except Exception:
        log.warning("cannot %s now; the sweeper tries again", purpose, exc_info=True)


def send(message: Signature) -> bool:
    """Publish a message that follows a commit; False if it could not be published."""
    sent: list[object] = []
    with after_commit(f"publish {message.task}"):
        sent.append(message.apply_async())
    return bool(sent)


def announce(engine: Engine, row: ExecutionRow, *, has_ended: bool) -> None:
    """Publish the new status of an execution, and wake the frames that wait for its end.

    Args:
        engine: Publishes.
        row: The execution, as it was at any time.
        has_ended: Whether it has just ended; otherwise it has just started or was redriven.
    """
    with after_commit(f"publish the status of {row.arn}"):
        publish_status(engine, row.id)
    if has_ended:
        with after_commit(f"wake the callers of {row.arn}"):
            wake_callers(engine, row)


def wake_callers(engine: Engine, row: ExecutionRow) -> bool:
    """Wake the frames that wait for the end of an execution; False if none waits any more.

    A frame that has just begun to wait is not woken: it looks by itself.
    """
    with engine.database.reading() as connection:
        waiting = nested_executions.waiters_of(connection, row)
    for frame in waiting:
        if frame.phase is Phase.SUBMITTED:
            send(engine.canvas.wake_up(frame, engine.seat(frame)))
    return bool(waiting)
