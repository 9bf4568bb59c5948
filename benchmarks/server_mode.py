"""Server mode for benchmarks: one prefork worker of two processes, beside one of Celery alone."""

import inspect
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery

from tests import s3_server
from tests.platforms import Platform, server_platform
from tests.server_processes import MAX_START, own_services


@contextmanager
def both_workers(directory: Path) -> Iterator[tuple[Platform, Celery]]:
    """The engine and bare Celery, each with two processes, on the same services.

    Args:
        directory: An empty directory.
    """
    servers = inspect.unwrap(s3_server.s3_server)()
    endpoint = next(servers)
    try:
        with (
            own_services(endpoint) as services,
            server_platform(directory, services, workers=1) as platform,
        ):
            # The application reads its services when it is imported.
            os.environ["BARE_BROKER_URL"] = services.broker_url
            os.environ["BARE_RESULT_BACKEND"] = services.result_backend
            from benchmarks.bare_celery import app  # noqa: PLC0415

            with _bare_worker(directory / "bare.log"):
                yield platform, app
            app.close()
    finally:
        next(servers, None)


@contextmanager
def _bare_worker(log: Path) -> Iterator[None]:
    arguments = ["worker", "--concurrency", "2", "--loglevel", "INFO", "-n", "bare@%h"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "benchmarks.bare_celery", *arguments],
            stdout=output,
            stderr=output,
        )
    try:
        _await_ready(worker, log)
        yield
    finally:
        worker.terminate()
        worker.wait()


def _await_ready(worker: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + MAX_START
    while "ready." not in log.read_text():
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the worker of Celery alone did not start\n{log.read_text()}")
        time.sleep(0.05)
