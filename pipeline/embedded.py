"""Worker and beat inside this process: the laptop's way to run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from celery.beat import EmbeddedService
from celery.worker import state as worker_state

from pipeline.engine import Engine
from pipeline.ledger import frames


@contextmanager
def embedded_worker(app: Celery, engine: Engine) -> Iterator[None]:
    """Run a worker and beat in threads for as long as the block lasts.

    The in-memory broker has forgotten whatever an earlier process published; the ledger has not.
    """
    with engine.database.statement() as connection:
        frames.hurry_unclaimed(connection, engine.clock())
    ready = threading.Event()
    worker = app.WorkController(
        ready_callback=lambda _: ready.set(), without_heartbeat=True, without_mingle=True,
        without_gossip=True,
    )
    thread = threading.Thread(target=worker.start, name="worker", daemon=True)
    beat = EmbeddedService(app, thread=True)
    thread.start()
    ready.wait()
    beat.start()
    try:
        yield
    finally:
        beat.stop()
        worker_state.should_stop = 0
        thread.join()
        worker_state.should_stop = None
