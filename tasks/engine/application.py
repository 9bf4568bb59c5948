"""The application class: Celery, with an engine for each process that uses it."""

import os
import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

from celery import Celery

from config.celeryconfig import celery_config
from config.settings import Settings
from pipeline.engine.engine import Engine
from pipeline.engine.heartbeat import WorkerHeartbeat
from pipeline.engine.message_codec import use_for_messages
from pipeline.engine.opening import open_engine
from pipeline.executions.nested_executions import start_nested


class InstalledServices(Protocol):
    """What a worker process has installed for the functions that it calls."""

    def remove(self) -> None:
        """Leave the process as it was."""


InstallServices: TypeAlias = Callable[[Engine], InstalledServices]
"""Lets the functions of this process find its engine."""


class StateBagApp(Celery):  # type: ignore[misc]  # Celery ships no types
    """A Celery application that knows the settings and the engine.

    The engine is made at its first use and once a process: a forked child must not share the
    connections, nor the identity, of its parent.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float],
        install_services: InstallServices,
    ) -> None:
        super().__init__("statebag")
        self.settings = settings
        self._engine_clock = clock  # Celery has a logical clock of its own under the plain name
        self._install_services = install_services
        self._lock = threading.RLock()
        self._process_id: int | None = None
        self._engine: Engine | None = None
        self._heartbeat: WorkerHeartbeat | None = None
        self._services: InstalledServices | None = None
        use_for_messages()
        self.conf.update(celery_config(settings))
        # Worker threads deserialise signatures with the default application.
        self.set_default()

    @property
    def engine(self) -> Engine:
        """This process's engine."""
        with self._lock:
            if self._engine is None or self._process_id != os.getpid():
                self._process_id = os.getpid()
                self._heartbeat, self._services = None, None
                self._engine = open_engine(
                    self.settings, self, clock=self._engine_clock, start_nested=start_nested
                )
            return self._engine

    @property
    def worker_engine(self) -> Engine:
        """This process's engine, with the heartbeat that keeps a worker's claims.

        The functions that a worker calls find it from now on.
        """
        with self._lock:
            engine = self.engine
            if self._services is None:
                self._services = self._install_services(engine)
            if self._heartbeat is None:
                self._heartbeat = WorkerHeartbeat(engine)
                self._heartbeat.start()
            return engine

    def close_engine(self) -> None:
        """Give up the claims and connections of this process."""
        with self._lock:
            if self._engine is None or self._process_id != os.getpid():
                return
            if self._heartbeat is not None:
                self._heartbeat.stop()
            if self._services is not None:
                self._services.remove()
            self._engine.functions.sandboxes.close()
            self._engine.database.dispose()
            self._engine, self._heartbeat, self._services = None, None, None
