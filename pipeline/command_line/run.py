"""``statebag run``."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Mode
from pipeline.command_line.application import Application, application
from pipeline.command_line.consoles import messages
from pipeline.command_line.documents import (
    checked_name,
    machine_name,
    read_definition,
    read_input,
)
from pipeline.command_line.progress_display import progress_display
from pipeline.command_line.report import report
from pipeline.command_line.worker import log_to_screen
from pipeline.engine.embedded import embedded_worker
from pipeline.engine.engine import Engine
from pipeline.executions.progress import Watch
from pipeline.executions.starting import start_machine
from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from pipeline.state_machines.machines import put_state_machine

_NOT_SUCCEEDED = 1
_INTERRUPTED = 130


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The definition.")],
    given: Annotated[
        str, typer.Option("--input", help="JSON text, a file that holds it, or - for stdin.")
    ] = "{}",
    name: Annotated[
        str | None, typer.Option(help="Name of the execution; a fresh one if left out.")
    ] = None,
) -> None:
    """Run a state machine and show its progress and output.

    The state machine is stored under the file's name; the next `run` of the file updates it.
    Exits with 0 if it succeeded, 1 if it did not, 2 if the definition, the input or a setting is
    bad.
    """
    definition = read_definition(file)
    checked_definition(definition)  # refused before anything is set up
    input_ = read_input(given)
    name = None if name is None else checked_name(name)
    with application() as app, _workers(app) as engine:
        machine = put_state_machine(engine, machine_name(file), definition)
        row = start_machine(engine, machine.arn, input=input_, name=name)
        ended = _watch(engine, row)
        report(engine, ended)
    raise typer.Exit(0 if ended.status is ExecutionStatus.SUCCEEDED else _NOT_SUCCEEDED)


@contextmanager
def _workers(app: Application) -> Iterator[Engine]:
    """The engine, and who works for it.

    In embedded mode the workers are in this process; in server mode they are elsewhere.
    """
    settings = app.settings
    # A person who did not ask for the log wants to see the progress.
    log_to_screen(settings.log_level if "log_level" in settings.model_fields_set else "WARNING")
    engine = app.engine
    if settings.mode is Mode.SERVER:
        yield engine
        return
    with embedded_worker(app, engine):
        yield engine


def _watch(engine: Engine, row: ExecutionRow) -> ExecutionRow:
    """Show the execution's progress until it has ended."""
    try:
        with progress_display(messages) as show:
            for progress in Watch(engine, row.arn).until_it_ends():
                show(progress)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends this process at once
        _explain_interruption(engine, row)
        raise typer.Exit(_INTERRUPTED) from None
    return progress.execution


def _explain_interruption(engine: Engine, row: ExecutionRow) -> None:
    if engine.settings.mode is Mode.SERVER:
        messages.print(f"Execution {row.name} goes on: its workers are elsewhere.")
    else:
        messages.print(
            f"Execution {row.name} is not over: it goes on with the next `statebag worker` or "
            "`statebag run`. Waiting for running calls; Ctrl-C again ends them."
        )
    messages.print(f"To end it: statebag stop {row.name}")
