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
        str | None, typer.Option(help="Name of the execution; a new UUID by default.")
    ] = None,
) -> None:
    """Run a state machine and show its progress and output.

    StateBag stores the state machine under the file's name; the next `run` of the file updates it.
    Exit codes: 0 succeeded; 1 failed; 2 invalid definition, input or setting.
    """
    definition = read_definition(file)
    checked_definition(definition)  # before the engine starts
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
    """The engine and, in embedded mode, its worker in this process."""
    settings = app.settings
    # Without an explicit level the terminal shows the progress instead of the log.
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
        messages.print(f"Execution {row.name} continues on its workers.")
    else:
        messages.print(
            f"Execution {row.name} has not ended: the next `statebag worker` or `statebag run` "
            "continues it. Waiting for running calls; Ctrl-C again ends them."
        )
    messages.print(f"To end it: statebag stop {row.name}")
