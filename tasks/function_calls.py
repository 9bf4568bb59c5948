"""The tasks of functions: each stands in Flower under its function's own name."""

from typing import Any

from pipeline.calls import call_later as call_once
from pipeline.functions.function import Function
from pipeline.publishing import publish
from pipeline.wake_ups import make_call


def call_function(task: Any, frame_id: str, version: int) -> None:
    """Call the function that the task is named after, for a frame that waits for its result."""
    engine = task.app.worker_engine
    function: Function = engine.functions.by_name[task.name]
    publish(engine, make_call(engine, function, frame_id, version))


def call_later(task: Any, reference: str, event: bytes) -> None:
    """Call a function that nobody waits for (lambda:invoke with InvocationType ``Event``)."""
    call_once(task.app.worker_engine, reference, event)
