"""Workers and beat of server mode as processes of their own, with services of their own."""

import inspect
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import httpx
import pytest

from config.settings import PREFIX, Settings
from tests import services
from tests.forked_celery import ForkedProcess, forked_celery

MAX_START = 60
"""Seconds in which a worker has long started."""

_LOUD = ("--loglevel", "INFO")

_TAIL = 6000
"""Characters of each log that a failed test shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What server mode needs beside its own processes; the fields are settings."""

    broker_url: str
    result_backend: str
    ledger_url: str
    object_store: str


@contextmanager
def own_services(s3_server: str, *, redis_as_broker: bool = False) -> Iterator[Services]:
    """A virtual host or Redis database, a PostgreSQL database and a bucket, removed at the end.

    The fixtures of ``tests.services`` last for one test; here a caller says how long.
    """
    with ExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        for variable, value in {
            "AWS_ENDPOINT_URL_S3": s3_server,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            environment.setenv(variable, value)
        bucket = f"platform-{uuid4().hex[:8]}"
        httpx.put(f"{s3_server}/{bucket}").raise_for_status()
        result_backend = _kept(stack, inspect.unwrap(services.redis_url)())
        broker_url = result_backend
        if not redis_as_broker:
            name = f"statebag-test-{uuid4().hex[:12]}"
            broker_url = _kept(stack, inspect.unwrap(services.rabbitmq_vhost)(name))
        yield Services(
            broker_url=broker_url,
            result_backend=result_backend,
            ledger_url=_kept(stack, inspect.unwrap(services.postgres_url)()),
            object_store=f"s3://{bucket}",
        )


def _kept(stack: ExitStack, fixture: Iterator[str]) -> str:
    """What a fixture's generator yields; it goes on when the stack ends, however that ends."""
    value = next(fixture)
    stack.callback(next, fixture, None)
    return value


@dataclass(slots=True, kw_only=True)
class Process:
    """A process with its log."""

    forked: ForkedProcess
    log: Path
    ready_text: str
    is_expected_to_run: bool = True

    @property
    def children(self) -> list[int]:
        """Ids of its child processes: of a prefork worker, those that run the tasks."""
        path = Path(f"/proc/{self.forked.pid}/task/{self.forked.pid}/children")
        return [int(child) for child in path.read_text().split()]

    def kill_children(self) -> None:
        """Kill its child processes at once; a worker starts others in their place."""
        for child in self.children:
            os.kill(child, signal.SIGKILL)

    def stand_still(self) -> None:
        """Let neither it nor anything it started do anything more."""
        os.killpg(self.forked.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it do again what it did."""
        os.killpg(self.forked.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill it with all that it started."""
        self.is_expected_to_run = False
        with suppress(ProcessLookupError):  # it had ended by itself
            os.killpg(self.forked.pid, signal.SIGKILL)
        self.forked.has_ended(None)


@dataclass(slots=True)
class ServerProcesses:
    """The processes of one installation; leaving the block kills them all.

    Attributes:
        directory: Where their logs go.
        settings: What all of them run with.
        application: What ``celery -A`` gets.
    """

    directory: Path
    settings: Settings
    application: str
    running: dict[str, Process] = field(default_factory=dict)

    @property
    def workers(self) -> list[Process]:
        """The workers that run."""
        return [
            process
            for name, process in self.running.items()
            if name.startswith("worker") and process.is_expected_to_run
        ]

    def start_worker(self, name: str) -> Process:
        """Start a prefork worker of two processes."""
        queues = f"{self.settings.default_queue},elsewhere"
        command = ["-A", self.application, "worker", "--concurrency", "2", "--queues", queues]
        return self._start(name, [*command, *_LOUD, "-n", f"{name}@%h"], "ready.")

    def start_beat(self) -> Process:
        """Start beat."""
        return self._start("beat", ["-A", self.application, "beat", *_LOUD], "beat: Starting...")

    def start_foreign_worker(self) -> Process:
        """Start a worker of the other application on the same broker."""
        command = ["-A", "tests.functions.foreign_app", "worker", "--concurrency", "1"]
        return self._start("foreign", [*command, *_LOUD, "-n", "foreign@%h"], "ready.")

    def start_flower(self, port: int) -> Process:
        """Start Flower as the Makefile does, but on a port of its own."""
        command = ["--app", self.application, "flower", "--conf=config/flowerconfig.py"]
        return self._start("flower", [*command, f"--port={port}"], "Connected to")

    def _start(self, name: str, arguments: list[str], ready_text: str) -> Process:
        log = self.directory / f"{name}.log"
        log.touch()
        forked = forked_celery().start(arguments, os.environ | self._environment(), log)
        process = Process(forked=forked, log=log, ready_text=ready_text)
        self.running[name] = process
        return process

    def _environment(self) -> dict[str, str]:
        values = self.settings.model_dump(mode="json", exclude_none=True)
        environment = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
        return environment | {
            "FOREIGN_BROKER_URL": self.settings.broker_url,
            "FOREIGN_RESULT_BACKEND": self.settings.result_backend,
        }

    def await_ready(self) -> None:
        """Wait until every process says in its log that it has started."""
        deadline = time.monotonic() + MAX_START
        for process in self.running.values():
            while process.is_expected_to_run and process.ready_text not in process.log.read_text():
                self.check()
                assert time.monotonic() < deadline, self.log_tails()
                time.sleep(0.05)

    def check(self) -> None:
        """Fail when a process has ended by itself."""
        for name, process in self.running.items():
            ended = process.is_expected_to_run and process.forked.has_ended()
            assert not ended, f"{name} has ended by itself\n{self.log_tails()}"

    def log_tails(self) -> str:
        """The end of every log."""
        return "\n".join(
            f"--- {name}\n{process.log.read_text()[-_TAIL:]}"
            for name, process in self.running.items()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if exception is not None:
            sys.stdout.write(self.log_tails())
        for process in self.running.values():
            if process.is_expected_to_run:
                process.kill()
