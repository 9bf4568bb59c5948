"""The tasks of functions: each stands in Flower under its function's own name."""

from typing import Any

from pipeline.engine.engine import Engine
from pipeline.executor.calls.calling import call_later as call_once
from pipeline.executor.calls.function_invocations import call_for_client
from pipeline.executor.message import Message
from pipeline.executor.publishing import publish
from pipeline.executor.wake_ups import make_call


class CallFailed(Exception):
    """A function failed; its execution has the error, and Flower shows a failed task."""


def call_function(task: Any, frame_id: str, version: int) -> None:
    """Call the function that the task is named after, for a frame that waits for its result.

    Raises:
        CallFailed: After everything that follows from it is committed and published.
    """
    engine = task.app.worker_engine
    named = (
        engine.functions.service_actions.get(task.name)
        or engine.functions.listed.by_name[task.name]
    )
    _call(engine, named.queue, frame_id, version)


def call_unlisted(task: Any, frame_id: str, version: int) -> None:
    """Call a function that had no task yet when the workers started.

    The message carries the function's name as its shadow, so Flower shows it.

    Raises:
        CallFailed: As ``call_function`` does.
    """
    engine = task.app.worker_engine
    _call(engine, engine.settings.default_queue, frame_id, version)


def _call(engine: Engine, queue: str, frame_id: str, version: int) -> None:
    message = Message(queue=queue, budget_seconds=engine.settings.message_budget_seconds)
    publish(engine, make_call(engine, message, frame_id, version))
    if message.failures:
        raise CallFailed(", ".join(message.failures))


def invoke(task: Any, reference: str, event: bytes, request_id: str) -> None:
    """Call a function for a client of the endpoint, which waits for what it returns."""
    call_for_client(task.app.worker_engine, reference, event, request_id)


def call_later(task: Any, reference: str, event: bytes) -> None:
    """Call a function whose result is dropped (lambda:invoke with InvocationType ``Event``)."""
    call_once(task.app.worker_engine, reference, event)
