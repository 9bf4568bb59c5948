"""The ``statebag`` command in processes of its own, with functions to call."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.integration.warm_commands import StartedCommand, WarmCommands

ROOT = Path(__file__).parents[2]
TIMEOUT = 60  # seconds in which a command has long done its work

FLAGS = ("-P", "-W", "error", "-W", "ignore:You're running the worker")
"""As with the installed script, the working directory is on the path only by our doing. Celery
warns of a worker that root runs, as the tests may be."""

FUNCTIONS = """
[functions.double]
provider = "python"
handler = "shop:double"

[functions.refuse]
provider = "python"
handler = "shop:refuse"

[functions.dawdle]
provider = "python"
handler = "shop:dawdle"
queue = "slow"
"""

HANDLERS = """
import time
from pathlib import Path


class OutOfStock(Exception):
    pass


def double(event, context):
    return event * 2


def refuse(event, context):
    raise OutOfStock("no [bold]tea[/bold] left")


def dawdle(event, context):
    with open("calls", "a") as calls:
        calls.write("called\\n")
    deadline = time.monotonic() + 60
    while not Path("go").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return "done"
"""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A working directory with functions in it, and the command run there."""

    directory: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, *FLAGS, "-m", "pipeline.command_line.main", *arguments]

    def __call__(
        self, *arguments: str, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = self.environment | variables
        done = _warm_commands().run(arguments, self.directory, environment, stdin)
        assert "Traceback" not in done.stderr
        return done

    @contextmanager
    def started(self, *arguments: str) -> Iterator[StartedCommand]:
        log = self.directory / f"{arguments[0]}.log"
        process = _warm_commands().start(arguments, self.directory, self.environment, log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=TIMEOUT)

    @contextmanager
    def dev(self, *arguments: str) -> Iterator[tuple[StartedCommand, str]]:
        """``statebag dev`` on a free port, and the URL that it tells."""
        with self.started("dev", "--port", "0", *arguments) as process:
            until(lambda: process.poll() is not None or "The endpoint is" in self.log("dev"))
            told = re.search(r"The endpoint is (http://\S+);", self.log("dev"))
            assert told is not None, self.log("dev")
            yield process, told[1]

    def log(self, command: str) -> str:
        return (self.directory / f"{command}.log").read_text()

    def define(self, name: str, states: dict[str, Any]) -> str:
        definition = {"StartAt": next(iter(states)), "States": states}
        (self.directory / name).write_text(json.dumps(definition))
        return name

    def history(self, execution: str) -> list[dict[str, Any]]:
        done = self("history", execution, "--json")
        if "There is no execution" in done.stderr:
            return []
        assert done.returncode == 0, done.stderr
        events: list[dict[str, Any]] = json.loads(done.stdout)["events"]
        return events

    def event_types(self, execution: str) -> list[str]:
        return [event["type"] for event in self.history(execution)]


@cache
def _warm_commands() -> WarmCommands:
    return WarmCommands("statebag", "pipeline.command_line.main:app", _environment(), flags=FLAGS)


def command_line(directory: Path) -> CommandLine:
    """The command in an empty directory, into which the functions are written."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell has its background jobs ignore the signal, and so would the commands.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    (directory / "functions.toml").write_text(FUNCTIONS)
    (directory / "shop.py").write_text(HANDLERS)
    functions = {"STATEBAG_FUNCTIONS_FILE": str(directory / "functions.toml")}
    return CommandLine(directory, _environment() | functions)


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STATEBAG_", "AWS_"))
    }
    return inherited | {"PYTHONPATH": str(ROOT)}


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
