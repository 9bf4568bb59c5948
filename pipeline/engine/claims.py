"""A claim must not outlive the message that holds it.

Its worker lives on and goes on beating, so nobody else would ever release it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from pipeline.engine.engine import Engine
from pipeline.ledger import claims
from pipeline.ledger.transition import Overtaken


@contextmanager
def claimed(engine: Engine, frame_id: str) -> Iterator[None]:
    """Give up this worker's claim on a frame, if it has one, should the block fail.

    Whoever moved the frame has ended the claim, so ``Overtaken`` leaves it alone: another thread
    of this worker may hold the next one already.
    """
    try:
        yield
    except Overtaken:
        raise
    except BaseException:
        # Whatever went wrong: the ledger or the object store is down, a bug, or the worker is
        # told to stop.
        try:
            _release(engine, frame_id)
        except SQLAlchemyError:
            engine.unreleased_claims.add(frame_id)
        raise


def release_abandoned_claims(engine: Engine) -> None:
    """Give up the claims that could not be given up while the ledger was away."""
    for frame_id in tuple(engine.unreleased_claims):
        _release(engine, frame_id)
        engine.unreleased_claims.discard(frame_id)


def _release(engine: Engine, frame_id: str) -> None:
    claims.release(engine.database, frame_id, engine.worker_id, engine.redelivery_at())
