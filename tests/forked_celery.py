"""``celery`` commands in processes of their own that need not import everything first.

A process that has imported Celery and the engine forks for each command. It has not read any
settings: those of a command are in its environment, as for one that is started afresh.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

IMPORTED = (
    "celery.__main__",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.redis",
    "celery.bin.beat",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.concurrency.prefork",
    "celery.worker.consumer",
    "celery.worker.worker",
    "kombu.transport.pyamqp",
    "kombu.transport.redis",
    "sqlalchemy.dialects.postgresql.psycopg",
    "tasks.engine.register",
    "tasks.host.execution_ended",
    "tasks.host.function_services",
)
"""Modules that a worker needs, but for ``tasks.celery``, which reads the settings."""


class ForkedProcess:
    """A process that this one has not started itself, so it cannot be waited for as a child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor: int | None = os.pidfd_open(pid)

    def has_ended(self, seconds: float | None = 0) -> bool:
        """Whether it has ended, or ends within a time; None waits for its end."""
        if self._descriptor is None:
            return True
        if not select.select([self._descriptor], [], [], seconds)[0]:
            return False
        os.close(self._descriptor)
        self._descriptor = None
        return True


class ForkedCelery:
    """Starts ``celery`` commands by forking from a process that waits with everything imported."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> ForkedProcess:
        """Start a command in a process group of its own; what it prints goes to the log."""
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "directory": str(Path.cwd()),
            "log": str(log),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return ForkedProcess(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@cache
def forked_celery() -> ForkedCelery:
    """The one of this process, which ends with it."""
    return ForkedCelery()


def fork_for_each(requests: TextIO, answers: TextIO) -> None:
    """Start each command that is requested, and answer with the id of its process."""
    for module in IMPORTED:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel forgets processes that have ended
    for line in requests:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os._exit(_be_celery(json.loads(line)))
        # Here too, so that the group can be killed as soon as its id is known.
        _lead_a_group(child)
        answers.write(f"{child}\n")
        answers.flush()


def _lead_a_group(child: int) -> None:
    try:
        os.setpgid(child, child)
    except ProcessLookupError:  # it has ended already
        return


def _be_celery(request: dict[str, Any]) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = ["celery", *request["arguments"]]
    try:
        import_module("celery.__main__").main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    fork_for_each(sys.stdin, sys.stdout)
