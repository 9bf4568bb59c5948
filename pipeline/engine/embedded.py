"""Worker and beat inside this process, as on a laptop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.concurrency.thread import TaskPool
from celery.worker import state as worker_state
from celery.worker.consumer import Consumer

from pipeline.engine.engine import Engine
from pipeline.integrations.functions.function import CeleryFunction
from pipeline.ledger import due_frames

_LOOK_UP_SECONDS = 0.1
"""How long the worker waits for a message before it checks for a request to stop."""


class EmbeddedWorkerFailed(Exception):
    """The worker ended before it was ready; the log says why."""

    def __str__(self) -> str:
        return "The worker ended before it was ready; the log says why."


@contextmanager
def embedded_worker(app: Celery, engine: Engine) -> Iterator[None]:
    """Run a worker and beat in threads for as long as the block lasts.

    The in-memory broker has lost the messages of an earlier process, but the ledger has not: the
    worker starts with the frames that wait there. When the block ends, the worker takes no new
    messages and waits for its running calls.

    Raises:
        EmbeddedWorkerFailed: The worker could not start.
    """
    with engine.database.statement() as connection:
        due_frames.expedite_unclaimed(connection, engine.clock())
    with _worker(app, engine), _beat(app):
        yield


def queues_of(engine: Engine) -> list[str]:
    """The queues that workers of this installation consume, the default one first.

    A queue of another application's tasks is that application's own.
    """
    own = {
        function.queue
        for function in engine.functions.listed
        if not isinstance(function, CeleryFunction)
    }
    default = engine.settings.default_queue
    return [default, *sorted(own - {default})]


@contextmanager
def _worker(app: Celery, engine: Engine) -> Iterator[None]:
    ready = threading.Event()
    worker = app.WorkController(
        pool_cls=_JoiningThreads,
        consumer_cls=_PromptConsumer,
        queues=queues_of(engine),
        ready_callback=lambda _: ready.set(),
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )

    def work() -> None:
        try:
            worker.start()
        finally:
            ready.set()

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    ready.wait()
    if not thread.is_alive():
        raise EmbeddedWorkerFailed
    try:
        yield
    finally:
        worker_state.should_stop = 0
        thread.join()
        worker_state.should_stop = None


@contextmanager
def _beat(app: Celery) -> Iterator[None]:
    """Celery's scheduler in a thread of ours: its own service sleeps on when asked to stop."""
    scheduler = Scheduler(app)
    stopped = threading.Event()

    def tick_on() -> None:
        while not stopped.wait(scheduler.tick()):
            pass

    thread = threading.Thread(target=tick_on, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
        scheduler.close()


class _JoiningThreads(TaskPool):  # type: ignore[misc]  # Celery ships no types
    """Threads that may wait for the results of a chord's header, as its last lane does.

    Celery lifts its ban on waiting within a task by one flag for the whole process. Threads that
    join at the same time would reset it for each other, and one of the chords would fail.
    """

    task_join_will_block = False


class _PromptConsumer(Consumer):  # type: ignore[misc]  # Celery ships no types
    """A consumer that ends soon after the request to stop.

    Celery's own loop for brokers without an event loop (``synloop``) waits two seconds for a
    message before it checks for such a request, and once more after it.
    """

    def loop(self, *_: Any) -> None:
        """Consume messages until the worker is asked to stop."""
        self.task_consumer.on_message = self.create_task_handler()
        self.task_consumer.consume()
        self.on_ready()
        while True:
            worker_state.maybe_shutdown()
            if self.qos.prev != self.qos.value:
                self.qos.update()
            self.perform_pending_operations()
            try:
                self.connection.drain_events(timeout=_LOOK_UP_SECONDS)
            except TimeoutError:
                continue
