"""``python -m tasks.samples.document_review [FILE] [--interactive]``: run the document review."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer

from config.settings import Mode
from pipeline.command_line.application import application
from pipeline.command_line.command_errors import Commands
from pipeline.command_line.consoles import messages
from pipeline.command_line.durations import duration
from pipeline.command_line.progress_display import progress_display
from pipeline.command_line.worker import log_to_screen
from pipeline.engine.embedded import embedded_worker
from pipeline.engine.engine import Engine
from pipeline.executions.progress import Watch
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus
from tasks.engine.application import StateBagApp
from tasks.samples.document_review.document import SHIPPED, read_document
from tasks.samples.document_review.outcome import outcome_of
from tasks.samples.document_review.printing import print_findings, print_outcome
from tasks.samples.document_review.review import (
    APPROVED,
    REJECTED,
    findings_so_far,
    give_answer,
    open_question,
    start_review,
)
from tasks.smart_statebag.bag.json_value import JsonObject

_NOT_SUCCEEDED = 1
_INTERRUPTED = 130
_WAITING = "WaitForHITPCallback"
"""The state of the standard machine that waits for a person."""
_OWN_COMMENT = "answered by the demo itself"

app = typer.Typer(
    cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback(invoke_without_command=True, context_settings={"allow_interspersed_args": True})
def review(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A text file; by default a shipped sample."),
    ] = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Ask you for the approval.")
    ] = False,
) -> None:
    """Review a document: sections analysed side by side, an approval, a report."""
    document = read_document(file or SHIPPED)
    with application() as found, _workers(cast(StateBagApp, found)) as engine:
        execution = start_review(engine, document)
        try:
            ended = _watch(engine, execution, interactive=interactive)
        except KeyboardInterrupt:
            messages.print(f"To end the execution: statebag stop {execution.name}")
            raise typer.Exit(_INTERRUPTED) from None
        _report(engine, ended)
    raise typer.Exit(0 if ended.status is ExecutionStatus.SUCCEEDED else _NOT_SUCCEEDED)


@contextmanager
def _workers(found: StateBagApp) -> Iterator[Engine]:
    """The engine with workers: embedded ones, or in server mode those that run elsewhere."""
    settings = found.settings
    log_to_screen(settings.log_level if "log_level" in settings.model_fields_set else "WARNING")
    engine = found.worker_engine
    if settings.mode is Mode.SERVER:
        yield engine
        return
    with embedded_worker(found, engine):
        yield engine


def _watch(engine: Engine, execution: ExecutionRow, *, interactive: bool) -> ExecutionRow:
    """Show the progress, and answer questions, until the execution has ended."""
    watch = Watch(engine, execution.arn)
    while True:
        question = None
        with progress_display(messages) as show:
            for progress in watch.until_it_ends():
                show(progress)
                if not progress.has_ended and progress.entered[_WAITING]:
                    question = open_question(execution.arn)
                if question is not None:
                    break
        if question is None:
            return progress.execution
        _answer(question, interactive=interactive)


def _answer(question: JsonObject, *, interactive: bool) -> None:
    print_findings(findings_so_far(question))
    action, comment = APPROVED, _OWN_COMMENT
    if interactive:
        approves = typer.confirm("Do you approve?", default=True, err=True)
        action = APPROVED if approves else REJECTED
        comment = typer.prompt("Your comment", default="", show_default=False, err=True)
    if not give_answer(question, action, comment):
        messages.print("The answer came too late: the execution no longer waits for it.")


def _report(engine: Engine, ended: ExecutionRow) -> None:
    took = (ended.stopped_at or ended.started_at) - ended.started_at
    messages.print(f"{ended.status} in {duration(took)}\n")
    if ended.error:
        messages.print(f"Error: {ended.error}\nCause: {ended.cause}")
    outcome = outcome_of(engine, ended)
    if outcome is not None:
        print_outcome(outcome)
    messages.print(f"\nEvery transition: statebag history {ended.name}")


if __name__ == "__main__":
    app()
