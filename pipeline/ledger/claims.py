"""Claims that survive a lost connection."""

import time
from collections.abc import Callable

from pipeline.ledger import frames
from pipeline.ledger.database import Database
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import Claim, FrameRow


def claim(
    database: Database,
    frame_id: str,
    version: int,
    worker_id: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> FrameRow | None:
    """Claim a frame for a worker, unless the frame has moved or another worker has claimed it.

    Args:
        sleep: Waits so many seconds before another attempt after a lost connection.
    """

    def attempt() -> FrameRow | None:
        with database.statement() as connection:
            return frames.claim(connection, frame_id, version, worker_id, None)

    def attempt_again() -> FrameRow | None:
        claimed = attempt()
        if claimed is not None:
            return claimed
        with database.reading() as connection:
            row = frames.find_frame(connection, frame_id)
        own = row is not None and row.version == version and row.claimed_by == worker_id
        return row if own else None

    return retrying(attempt, attempt_again, sleep=sleep)


def release(
    database: Database,
    claim: Claim,
    wake_at: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Release one claim of a worker on a frame, which the sweeper wakes later. A newer claim stays.

    Args:
        wake_at: Epoch seconds.
        sleep: Waits so many seconds before another attempt after a lost connection.
    """

    def attempt() -> None:
        with database.statement() as connection:
            frames.release(connection, claim, wake_at)

    retrying(attempt, sleep=sleep)
