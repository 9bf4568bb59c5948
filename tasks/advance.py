"""``statebag.advance``: a wake-up for one frame."""

from typing import Any

from pipeline.wake_ups import wake
from tasks.seat import leave


def advance(task: Any, frame_id: str, version: int) -> None:
    """Advance a frame, if it is still at this version."""
    engine = task.app.worker_engine
    leave(task, engine, wake(engine, frame_id, version))
