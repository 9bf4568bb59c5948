"""The rule that feeds FinalizeExecution with the ends of executions (Contract 9.2).

At AWS EventBridge has such a rule; here a worker listens to the local event bus beside its tasks.
"""

from typing import Any

from celery import Celery
from celery.bootsteps import ConsumerStep
from kombu.entity import Queue
from kombu.messaging import Consumer

from config.settings import ServiceBackend
from pipeline.executor.calls.calling import PlannedCall, call_here
from pipeline.executor.status_events import SOURCE
from pipeline.integrations.functions.functions import Functions
from pipeline.integrations.functions.lambda_invoke import LambdaInvocation
from pipeline.integrations.services.event_bus import EXCHANGE
from pipeline.language.json_value import JsonObject
from tasks.smart_statebag.idempotency.words import WRITTEN_FOR

EXECUTION_ENDED = "statebag.execution_ended"
FUNCTION = "FinalizeExecution"

_make_queue: Any = Queue  # Kombu is typed in part only
_make_consumer: Any = Consumer


def execution_ended(task: Any, event: JsonObject) -> None:
    """Call FinalizeExecution with a status-change event."""
    engine = task.app.worker_engine
    invocation = LambdaInvocation(reference=FUNCTION, event=event)
    planned = PlannedCall(function=engine.functions.listed.find(FUNCTION), invocation=invocation)
    call_here(engine, planned, None)


def listen_for_ends(app: Any, functions: Functions) -> None:
    """Let an application's workers listen if its event bus is local and it has the function."""
    if app.settings.event_bus is ServiceBackend.LOCAL and FUNCTION in functions.by_name:
        app.task(execution_ended, name=EXECUTION_ENDED, bind=True)
        app.steps["consumer"].add(EndedExecutions)


class EndedExecutions(ConsumerStep):  # type: ignore[misc]  # Celery ships no types
    """Part of a worker: publishes the task for each execution that may have a row to close."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._app: Celery = parent.app

    def get_consumers(self, channel: Any) -> list[Any]:
        """The consumer of the installation's own queue of status changes."""
        name = f"{self._app.conf.task_default_queue}.ended"
        queue = _make_queue(name, exchange=EXCHANGE, routing_key=f"{SOURCE}.#")
        return [_make_consumer(channel, queues=[queue], callbacks=[self._take], accept=["json"])]

    def _take(self, event: Any, message: Any) -> None:
        if _may_have_a_row(event.get("detail", {})):
            self._app.signature(EXECUTION_ENDED, args=(event,)).apply_async()
        message.ack()  # last, so that a crash repeats an event rather than loses it


def _may_have_a_row(detail: JsonObject) -> bool:
    """Whether an execution has ended that may have a key; an event may leave the input out."""
    given = detail.get("input")
    return detail.get("status") in WRITTEN_FOR and (
        given is None or "idempotency_key" in str(given)
    )
