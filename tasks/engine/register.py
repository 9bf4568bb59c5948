"""Which tasks an application has: the engine's own, and one for each function."""

from collections.abc import Callable

from config.settings import Mode
from pipeline.engine import canvas
from pipeline.integrations.functions.function import CeleryFunction
from pipeline.integrations.functions.functions import Functions
from pipeline.integrations.functions.service_tasks import service_actions
from tasks.engine.application import StateBagApp
from tasks.engine.foreign_results import raised, returned
from tasks.engine.function_calls import (
    CallFailed,
    call_function,
    call_later,
    call_unlisted,
    invoke,
)
from tasks.engine.messages import (
    aggregate,
    deliver_logs,
    express,
    express_for_client,
    lane,
    snapshot,
    sweep,
    wake_up,
)

SEATED: dict[str, Callable[..., None]] = {canvas.WAKE_UP: wake_up, canvas.LANE: lane}
"""Tasks whose messages may sit in a chord."""

UNSEATED: dict[str, Callable[..., None]] = {
    canvas.SNAPSHOT: snapshot,
    canvas.AGGREGATE: aggregate,
    canvas.RETURNED: returned,
    canvas.RAISED: raised,
    canvas.CALL_LATER: call_later,
    canvas.EXPRESS: express,
    canvas.SWEEP: sweep,
    canvas.DELIVER_LOGS: deliver_logs,
}

FOR_CLIENTS: dict[str, Callable[..., None]] = {
    canvas.INVOKE: invoke,
    canvas.EXPRESS_FOR_CLIENT: express_for_client,
}
"""Tasks whose results clients of the API await."""


def register_tasks(app: StateBagApp, functions: Functions) -> None:
    """Register every task of the engine, and one for each function."""
    # The in-memory backend joins a chord from the results of its header; Redis counts them
    # whether they are kept or not.
    embedded = app.settings.mode is Mode.EMBEDDED
    for name, body in SEATED.items():
        app.task(body, name=name, bind=True, ignore_result=not embedded)
    for name, body in UNSEATED.items():
        app.task(body, name=name, bind=True)
    # Celery logs an expected failure in one line, without a stack trace.
    app.task(call_unlisted, name=canvas.CALL_UNLISTED, bind=True, throws=(CallFailed,))
    # A client waits for one call; a redelivered message would make a second one.
    for name, body in FOR_CLIENTS.items():
        app.task(body, name=name, bind=True, acks_late=False)
    for action in service_actions(app.settings.default_queue):
        app.task(call_function, name=action, bind=True)
    for called in functions:
        if not isinstance(called, CeleryFunction):
            app.task(call_function, name=called.name, bind=True, throws=(CallFailed,))
