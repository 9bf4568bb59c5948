"""The ``statebag`` command."""

import sys
from collections.abc import Callable
from pathlib import Path

import typer

from pipeline.command_line.api import api
from pipeline.command_line.command_errors import Commands
from pipeline.command_line.dev import dev
from pipeline.command_line.executions import describe, list_, redrive, stop
from pipeline.command_line.graphs import diff, graph
from pipeline.command_line.history import history
from pipeline.command_line.run import run
from pipeline.command_line.start import start
from pipeline.command_line.task_tokens import send_failure, send_success
from pipeline.command_line.validate import validate
from pipeline.command_line.worker import beat, worker

app = typer.Typer(
    cls=Commands,
    help="Runs AWS Step Functions state machines on your own Celery workers.",
    no_args_is_help=True,
    add_completion=False,
    # Print our own bugs as Python's plain traceback, without the values of local variables.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _everywhere() -> None:
    # As with python itself, functions in the working directory can be imported.
    directory = str(Path.cwd())
    if directory not in sys.path:
        sys.path.insert(0, directory)


_COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "validate": validate,
    "graph": graph,
    "diff": diff,
    "dev": dev,
    "start": start,
    "describe": describe,
    "list": list_,
    "history": history,
    "stop": stop,
    "redrive": redrive,
    "send-success": send_success,
    "send-failure": send_failure,
    "worker": worker,
    "beat": beat,
    "api": api,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)

if __name__ == "__main__":
    app()
