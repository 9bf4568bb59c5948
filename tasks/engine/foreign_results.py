"""The results of other applications' tasks, published by their workers as callbacks."""

from typing import Any

from celery.result import AsyncResult
from kombu.exceptions import DecodeError

from pipeline.executor.publishing import publish
from pipeline.executor.wake_ups import take_result
from pipeline.language.errors import TASK_FAILED
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded


def returned(task: Any, result: Any, frame_id: str, version: int) -> None:
    """Go on with what a task of another application returned."""
    engine = task.app.worker_engine
    event = FunctionSucceeded(output=result, started_at=engine.clock())
    publish(engine, take_result(engine, frame_id, version, event))


def raised(task: Any, task_id: str, *, frame_id: str, version: int) -> None:
    """Go on with the exception of another application's task.

    The keyword-only arguments make Celery publish this callback, with the failed task's id,
    instead of calling it inside the failing worker.
    """
    engine = task.app.worker_engine
    exception = _exception(task, task_id)
    known = isinstance(exception, BaseException)
    event = FunctionFailed(
        error=type(exception).__name__ if known else TASK_FAILED,
        cause=str(exception) if known else f"Task {task_id} failed",
        started_at=engine.clock(),
    )
    publish(engine, take_result(engine, frame_id, version, event))


def _exception(task: Any, task_id: str) -> Any:
    try:
        return AsyncResult(task_id, app=task.app).result
    except DecodeError:  # the other application stores its results in a form of its own
        return None
