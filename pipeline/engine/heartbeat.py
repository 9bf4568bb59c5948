"""The worker's heartbeat: the row that keeps its claims."""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from pipeline.engine.claims import release_abandoned_claims
from pipeline.engine.engine import Engine
from pipeline.ledger import workers

log = logging.getLogger(__name__)


class WorkerHeartbeat:
    """Beats from a thread of its own, so that a long call does not silence it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Send a heartbeat, so that a claim made right after it counts, and keep sending them."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """Stop and remove the row, so that the sweeper releases the remaining claims at once."""
        self._stopped.set()
        self._thread.join()
        with self._engine.database.statement() as connection:
            workers.forget(connection, self._engine.worker_id)

    def _beat_on(self) -> None:
        while not self._stopped.wait(self._engine.settings.heartbeat_interval_seconds):
            try:
                self._beat()
                release_abandoned_claims(self._engine)
            except SQLAlchemyError:
                # While the ledger is unavailable no process can take the claims; the next heartbeat
                # will do.
                log.warning("a heartbeat could not be written to the ledger", exc_info=True)

    def _beat(self) -> None:
        with self._engine.database.statement() as connection:
            workers.beat(connection, self._engine.worker_id, self._engine.worker_clock())
