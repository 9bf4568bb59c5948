"""Commands in processes of their own that need not import everything first.

A process that has imported the command forks for each call. What the call does, prints and exits
with is its own; only the time for imports is spent once for all.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO, TypedDict
from uuid import uuid4


class StartedCommand:
    """A command that runs; this process is not its parent, which leaves the exit code in a file."""

    def __init__(self, pid: int, exit_code: Path) -> None:
        self.pid = pid
        self._exit_code = exit_code

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return int(self._exit_code.read_text()) if self._exit_code.exists() else None

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended.

        Raises:
            TimeoutError: It runs longer than so many seconds.
        """
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self.send_signal(signal.SIGKILL)


class WarmCommands:
    """Runs one command by forking from a process that waits with everything imported."""

    def __init__(
        self,
        name: str,
        entry_point: str,
        environment: Mapping[str, str],
        *,
        flags: Sequence[str] = (),
    ) -> None:
        """Start the process that forks; it ends with this one, or when it is closed.

        Args:
            name: What the command is called.
            entry_point: ``module:function``; the function reads ``sys.argv``.
            environment: Of the process while it imports.
            flags: Of the interpreter.
        """
        self._process = subprocess.Popen(
            [sys.executable, *flags, "-m", __name__, name, entry_point],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            text=True,
        )
        atexit.register(self.close)

    def run(
        self, arguments: Sequence[str], directory: Path, environment: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        streams = {name: directory / f".{name}" for name in ("stdin", "stdout", "stderr")}
        for name, content in (("stdin", stdin), ("stdout", ""), ("stderr", "")):
            streams[name].write_text(content, encoding="utf-8")
        request = _Request(
            arguments=list(arguments),
            directory=str(directory),
            environment=dict(environment),
            streams=[str(path) for path in streams.values()],
            exit_code=None,
        )
        return subprocess.CompletedProcess(
            args=arguments,
            returncode=self._ask(request),
            stdout=streams["stdout"].read_text(encoding="utf-8"),
            stderr=streams["stderr"].read_text(encoding="utf-8"),
        )

    def start(
        self, arguments: Sequence[str], directory: Path, environment: Mapping[str, str], log: Path
    ) -> StartedCommand:
        """Start one command, both of whose outputs go to an empty log."""
        log.write_bytes(b"")
        exit_code = directory / f".exit-{uuid4().hex}"
        request = _Request(
            arguments=list(arguments),
            directory=str(directory),
            environment=dict(environment),
            streams=[os.devnull, str(log), str(log)],
            exit_code=str(exit_code),
        )
        return StartedCommand(self._ask(request), exit_code)

    def _ask(self, request: "_Request") -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class _Request(TypedDict):
    """One command to run, or with a file for its exit code to start."""

    arguments: list[str]
    directory: str
    environment: dict[str, str]
    streams: list[str]
    exit_code: str | None


def fork_for_each(name: str, entry_point: str, requests: TextIO, answers: TextIO) -> None:
    """Run the command for each request; answer with its exit code, or its id if it goes on."""
    module, _, function = entry_point.partition(":")
    command = getattr(import_module(module), function)
    sys.argv = [name]
    for line in requests:
        request: _Request = json.loads(line)
        act = _run if request["exit_code"] is None else _start
        answer = act(command, request)
        answers.write(f"{answer}\n")
        answers.flush()


def _run(command: Callable[[], Any], request: _Request) -> int:
    child = os.fork()
    if child == 0:
        os._exit(_be_command(command, request))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _start(command: Callable[[], Any], request: _Request) -> int:
    """Start the command below a process that waits for it, and give its id."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        child = os.fork()
        if child == 0:
            os.close(writing)
            os._exit(_be_command(command, request))
        os.write(writing, str(child).encode())
        os.close(writing)
        _, status = os.waitpid(child, 0)
        written = Path(f"{request['exit_code']}.part")
        written.write_text(str(os.waitstatus_to_exitcode(status)))
        written.replace(str(request["exit_code"]))
        os._exit(0)
    os.close(writing)
    pid = int(os.read(reading, 32))
    os.close(reading)
    return pid


def _be_command(command: Callable[[], Any], request: _Request) -> int:
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    read, written, told = request["streams"]
    os.dup2(os.open(read, os.O_RDONLY), 0)
    for number, path in ((1, written), (2, told)):
        # Appending, so that one file may take both.
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    sys.argv += request["arguments"]
    try:
        code = command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does with uncaught exceptions
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    fork_for_each(*sys.argv[1:], sys.stdin, sys.stdout)
