"""Calling a function within an EXPRESS execution, no longer than its state or the execution lasts.

A thread that runs cannot be ended from outside. A call that takes too long is left to itself, and
what it returns is dropped.
"""

import threading
from uuid import uuid4

from celery.states import PROPAGATE_STATES, READY_STATES

from pipeline.engine.engine import Engine
from pipeline.executor.calls import calling
from pipeline.executor.calls.calling import PlannedCall
from pipeline.executor.express.stopping import Stop
from pipeline.integrations.functions.function import CeleryFunction
from pipeline.interpreter.frame import Frame
from pipeline.language.context_object import ExecutionContext
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded, WokenUp

_FIRST_LOOK_SECONDS = 0.005
_LATER_LOOKS_SECONDS = 0.25

CallEnd = FunctionSucceeded | FunctionFailed | WokenUp
"""How a call ends for its state; ``WokenUp`` where its time is over before it has ended."""


def call_within(
    engine: Engine, frame: Frame, execution: ExecutionContext, execution_id: str, stop: Stop
) -> CallEnd:
    """Make the call that a frame has scheduled.

    Raises:
        Stopped: It was stopped.
    """
    planned = calling.planned_or_failed(engine, frame, execution)
    if isinstance(planned, FunctionFailed):
        return planned
    if not planned.is_waited_for:
        return calling.call_without_waiting(engine, execution_id, planned)
    if isinstance(planned.function, CeleryFunction):
        return _call_elsewhere(engine, planned, frame, stop)
    return _call_here(engine, planned, frame, stop)


def _call_here(engine: Engine, planned: PlannedCall, frame: Frame, stop: Stop) -> CallEnd:
    over = threading.Event()
    ends: list[CallEnd] = []
    troubles: list[BaseException] = []

    def call() -> None:
        try:
            ends.append(calling.make_call(engine, planned, frame))
        except BaseException as trouble:  # noqa: BLE001 - it belongs to the thread that waits
            troubles.append(trouble)
        finally:
            over.set()

    threading.Thread(target=call, name=planned.function.name, daemon=True).start()
    if not stop.wait(over, frame.wake_at):
        return WokenUp()
    if troubles:
        raise troubles[0]
    return ends[0]


def _call_elsewhere(engine: Engine, planned: PlannedCall, frame: Frame, stop: Stop) -> CallEnd:
    """Have another application's worker run its task, and look for the result."""
    invoked, started_at = planned.invocation, engine.clock()
    signature = engine.canvas.invoke(
        planned.function, invoked.reference, b"", str(uuid4()), planned.foreign_arguments
    )
    result = signature.apply_async()
    pause = _FIRST_LOOK_SECONDS
    try:
        while (meta := result.backend.get_task_meta(result.id))["status"] not in READY_STATES:
            if frame.wake_at is not None and engine.clock() >= frame.wake_at:
                return WokenUp()
            stop.wait(threading.Event(), engine.clock() + pause)
            pause = min(2 * pause, _LATER_LOOKS_SECONDS)
    finally:
        result.forget()
    if meta["status"] in PROPAGATE_STATES:
        exception = meta["result"]
        return FunctionFailed(
            error=type(exception).__name__, cause=str(exception), started_at=started_at
        )
    payload: Json = meta["result"]
    return FunctionSucceeded(output=calling.result_of(planned, payload), started_at=started_at)
