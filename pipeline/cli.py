"""The ``statebag`` command."""

import sys
from pathlib import Path

import typer

from pipeline.command_line.executions import executions, stop
from pipeline.command_line.history import history
from pipeline.command_line.refusals import Commands
from pipeline.command_line.run import run
from pipeline.command_line.validate import validate
from pipeline.command_line.worker import beat, worker

app = typer.Typer(
    cls=Commands,
    help="Runs AWS Step Functions state machines on your own Celery workers.",
    no_args_is_help=True,
    add_completion=False,
    # A fault of ours is reported as Python does it, without the values of local variables.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _everywhere() -> None:
    # As with python itself, functions in the working directory can be imported.
    directory = str(Path.cwd())
    if directory not in sys.path:
        sys.path.insert(0, directory)


for _command in (run, history, validate, executions, stop, worker, beat):
    app.command()(_command)

if __name__ == "__main__":
    app()
