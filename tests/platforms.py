"""StateBag as its users run it, embedded and in server mode, for tests that look from outside."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu import pools

from config.settings import Settings
from pipeline.engine.embedded import embedded_worker
from pipeline.engine.engine import Engine
from pipeline.executions import task_tokens
from pipeline.executions.lifecycle import find_execution, start_execution
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import HistoryEvent
from pipeline.ledger import history
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from tasks.celery import create_app
from tasks.engine.application import StateBagApp
from tests.functions.foreign_app import register
from tests.http_functions import http_functions
from tests.server_processes import ServerProcesses, Services, own_services

PATIENCE = 25
"""Seconds in which whatever a test waits for has long happened."""

SLOTS = 4
"""Functions that a platform's workers can run at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A finished execution."""

    status: str
    output: Any
    error: str | None
    cause: str | None


@dataclass(kw_only=True)
class Platform:
    """A running StateBag.

    Attributes:
        app: The application of the test's own process, which starts and answers but, in server
            mode, runs nothing.
        directory: Shared with the functions.
        processes: The workers and beat, in server mode.
    """

    app: StateBagApp
    directory: Path
    processes: ServerProcesses | None = None

    @property
    def engine(self) -> Engine:
        """The engine of the test's own process."""
        return self.app.engine

    def start(
        self,
        definition: Mapping[str, Any],
        execution_input: Any = None,
        *,
        name: str | None = None,
    ) -> ExecutionRow:
        """Start an execution of a definition."""
        return start_execution(
            self.engine,
            machine_name="machine",
            definition=json.dumps(definition),
            input=execution_input,
            name=name,
        )

    def wait(self, execution: ExecutionRow, seconds: float = PATIENCE) -> Ended:
        """Wait for the end of an execution."""
        self.until(
            lambda: self.status(execution) is not ExecutionStatus.RUNNING,
            seconds,
            lambda: f"{execution.arn} to end, which has {self.types(execution)[-20:]}",
        )
        row = find_execution(self.engine, execution.arn)
        output = None if row.output is None else self.engine.payloads.unpack(row.output)
        return Ended(status=row.status, output=output, error=row.error, cause=row.cause)

    def run(self, definition: Mapping[str, Any], execution_input: Any = None) -> Ended:
        """Start an execution and wait for its end."""
        return self.wait(self.start(definition, execution_input))

    def status(self, execution: ExecutionRow) -> ExecutionStatus:
        """The status of an execution now."""
        return find_execution(self.engine, execution.arn).status

    def history(self, execution: ExecutionRow) -> list[HistoryEvent]:
        """The events so far in commit order, without those of child executions."""
        with self.engine.database.reading() as connection:
            batches = [batch for _, batch in history.batches_of(connection, execution.id)]
        unpack = self.engine.payloads.unpack
        return [event for batch in batches for event in decode_events(batch.events, unpack)]

    def types(self, execution: ExecutionRow) -> list[str]:
        """The types of the events so far."""
        return [event.type for event in self.history(execution)]

    def until(
        self,
        condition: Callable[[], object],
        seconds: float = PATIENCE,
        what: Callable[[], str] = lambda: "the condition to hold",
    ) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.processes:
                self.processes.check()
            assert time.monotonic() < deadline, f"waited {seconds} s for {what()}"
            time.sleep(0.02)

    def path(self, name: str) -> Path:
        """A new path below the shared directory."""
        return self.directory / f"{name}-{uuid4().hex[:8]}"

    def read(self, path: Path) -> str:
        """The content of a file that a function writes, as soon as it is there."""
        self.until(path.exists, what=lambda: str(path))
        return path.read_text()

    def send_task_success(self, token: str, output: Any) -> None:
        """Answer a task token."""
        task_tokens.send_task_success(self.engine, token, output)

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        """Answer a task token with an error."""
        task_tokens.send_task_failure(self.engine, token, error, cause)


HANDLERS = (
    "echo",
    "double",
    "fail",
    "log",
    "work",
    "fail_first",
    "hold",
    "crowd",
    "ask",
    "ask_and_stay",
    "text",
)


def write_functions_file(path: Path, http_url: str, foreign_queue: str) -> Path:
    """Write the functions file of a platform: the handlers, and one function by other means."""
    tables = [
        f'[functions."{name.replace("_", "-")}"]\n'
        f'provider = "python"\nhandler = "tests.functions.handlers:{name}"\n'
        for name in HANDLERS
    ]
    tables += [
        '[functions."elsewhere"]\nprovider = "python"\n'
        'handler = "tests.functions.handlers:double"\nqueue = "elsewhere"\n',
        f'[functions."paint"]\nprovider = "celery"\ntask = "foreign.paint"\n'
        f'queue = "{foreign_queue}"\n',
        f'[functions."over-http"]\nprovider = "http"\nurl = "{http_url}"\n',
    ]
    path.write_text("\n".join(tables))
    return path


@contextmanager
def embedded_platform(
    directory: Path,
    *,
    prepare: Callable[[StateBagApp], object] = register,
    **settings: Any,
) -> Iterator[Platform]:
    """StateBag within this process.

    Args:
        directory: An empty directory.
        prepare: What is done to the application before its worker starts.
        settings: Settings that differ from the defaults.
    """
    # The in-memory broker is one for the whole process, so each platform has its own queue.
    queue = f"embedded-{uuid4().hex[:8]}"
    settings = {"default_queue": queue, "concurrency": SLOTS} | settings
    with http_functions() as url:
        functions = write_functions_file(directory / "functions.toml", url, queue)
        settings = {"functions_file": functions} | settings
        app = create_app(Settings(data_dir=directory / "data", **settings))
        prepare(app)
        try:
            with embedded_worker(app, app.worker_engine):
                yield Platform(app=app, directory=directory)
        finally:
            app.close_engine()


@contextmanager
def server_platform(
    directory: Path,
    services: Services,
    *,
    application: str = "tasks.celery",
    workers: int = 2,
    **settings: Any,
) -> Iterator[Platform]:
    """StateBag in processes of its own around the services.

    Args:
        directory: An empty directory.
        application: What ``celery -A`` gets.
        workers: How many prefork workers of two processes each.
        settings: Settings that differ from the defaults.
    """
    with http_functions() as url:
        functions = write_functions_file(directory / "functions.toml", url, "foreign")
        settings = {"functions_file": functions} | settings
        made = Settings(
            broker_url=services.broker_url,
            result_backend=services.result_backend,
            ledger_url=services.ledger_url,
            object_store=services.object_store,
            data_dir=directory / "data",
            **settings,
        )
        app = create_app(made)
        with ServerProcesses(directory, made, application) as processes:
            for number in range(workers):
                processes.start_worker(f"worker{number}")
            processes.start_beat()
            processes.await_ready()
            try:
                yield Platform(app=app, directory=directory, processes=processes)
            finally:
                app.close_engine()
                _close_connections(app)


def _close_connections(app: StateBagApp) -> None:
    """Close what Celery keeps open for as long as the process lives."""
    # A result that is collected later would open a connection again to unsubscribe.
    app.backend.result_consumer.subscribed_to.clear()
    app.backend.result_consumer.stop()
    app.backend.client.connection_pool.disconnect()
    app.pool.force_close_all()
    # Kombu hands out one pool for each URL for as long as the process lives, closed or not; the
    # next test may be given the same Redis database.
    for group in (pools.producers, pools.connections):
        with suppress(KeyError):
            del group[app.connection_for_write()]


@pytest.fixture(scope="module", params=["embedded", "server"])
def running_platform(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, s3_server: str
) -> Iterator[Platform]:
    """StateBag in each mode, the same one for the tests of a module."""
    directory = tmp_path_factory.mktemp(request.param)
    # Timers are watched by sweeps, which are the more frequent here so that tests do not wait.
    settings: dict[str, Any] = {"sweep_interval_seconds": 0.25}
    if request.param == "embedded":
        with embedded_platform(directory, **settings) as platform:
            yield platform
        return
    with (
        own_services(s3_server) as services,
        server_platform(directory, services, **settings) as platform,
    ):
        assert platform.processes is not None
        platform.processes.start_foreign_worker()
        platform.processes.await_ready()
        yield platform


@pytest.fixture
def platform(running_platform: Platform) -> Iterator[Platform]:
    """A running StateBag; when the test fails, its report ends with what the workers logged."""
    yield running_platform
    if running_platform.processes:
        sys.stdout.write(running_platform.processes.log_tails())
