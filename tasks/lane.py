"""``statebag.lane``: one lane of a fan-out, a header task of its chord."""

from typing import Any

from pipeline.wake_ups import run_lane
from tasks.seat import leave


def lane(task: Any, fan_out_id: str, number: int) -> None:
    """Let a lane take items until one needs a function, or none is left."""
    engine = task.app.worker_engine
    leave(task, engine, run_lane(engine, fan_out_id, number, task.request.group))
