"""A claim must not outlive the message that holds it.

The worker of such a message stays alive and sends heartbeats, so the sweeper would never release
the claim.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from pipeline.engine.engine import Engine
from pipeline.ledger import claims
from pipeline.ledger.rows import Claim, FrameRow
from pipeline.ledger.transition import Overtaken


@contextmanager
def claimed(engine: Engine, latest: Callable[[], FrameRow]) -> Iterator[None]:
    """Release this worker's claim on a frame, if it has one, when the block fails.

    ``Overtaken`` releases nothing: the transition that moved the frame ended the claim.

    Args:
        engine: The engine of the worker that holds the claim.
        latest: Returns the frame's row as the block committed or claimed it last. Another thread
            of this worker may hold a newer claim, which stays.
    """
    try:
        yield
    except Overtaken:
        raise
    except BaseException:
        # Any failure: of the ledger or the object store, a defect, or the end of the worker.
        claim = latest().claim
        if claim is not None and claim.worker_id == engine.worker_id:
            _release_now_or_later(engine, claim)
        raise


def release_abandoned_claims(engine: Engine) -> None:
    """Release the claims that could not be released while the ledger was unavailable."""
    for claim in tuple(engine.unreleased_claims):
        _release(engine, claim)
        engine.unreleased_claims.discard(claim)


def _release_now_or_later(engine: Engine, claim: Claim) -> None:
    try:
        _release(engine, claim)
    except SQLAlchemyError:
        engine.unreleased_claims.add(claim)


def _release(engine: Engine, claim: Claim) -> None:
    claims.release(engine.database, claim, engine.redelivery_at())
