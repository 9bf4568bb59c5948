"""Commands in processes of their own that need not import everything first.

A process that has imported the command forks for each call. What the call does, prints and exits
with is its own; only the time for imports is spent once for all.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO


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

    def run(
        self, arguments: Sequence[str], directory: Path, environment: Mapping[str, str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        streams = {name: directory / f".{name}" for name in ("stdin", "stdout", "stderr")}
        streams["stdin"].write_text(stdin, encoding="utf-8")
        request = {
            "arguments": list(arguments),
            "directory": str(directory),
            "environment": dict(environment),
            "streams": [str(path) for path in streams.values()],
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return subprocess.CompletedProcess(
            args=arguments,
            returncode=int(self._process.stdout.readline()),
            stdout=streams["stdout"].read_text(encoding="utf-8"),
            stderr=streams["stderr"].read_text(encoding="utf-8"),
        )

    def close(self) -> None:
        """End the process that forks."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def fork_for_each(name: str, entry_point: str, requests: TextIO, answers: TextIO) -> None:
    """Run the command once for each request, and answer with its exit code."""
    module, _, function = entry_point.partition(":")
    command = getattr(import_module(module), function)
    for line in requests:
        child = os.fork()
        if child == 0:
            sys.argv = [name]
            os._exit(_be_command(command, json.loads(line)))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _be_command(command: Callable[[], Any], request: dict[str, Any]) -> int:
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    read, written, told = request["streams"]
    os.dup2(os.open(read, os.O_RDONLY), 0)
    for number, path in ((1, written), (2, told)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
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
