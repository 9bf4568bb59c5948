"""``statebag executions`` and ``statebag stop``."""

import time
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from pipeline.command_line.application import application, named_execution
from pipeline.command_line.consoles import messages, results
from pipeline.command_line.durations import duration
from pipeline.executions import stop_execution
from pipeline.ledger.executions import recent_executions
from pipeline.ledger.rows import ExecutionRow


def executions(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
) -> None:
    """List the executions started last, newest first."""
    with application() as app, app.engine.database.reading() as connection:
        rows = recent_executions(connection, limit)
    table = Table(box=None, pad_edge=False)
    for heading in ("started", "took", "status", "state machine", "name"):
        table.add_column(heading, no_wrap=True)
    table.add_column("error", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, _cells(row)))
    results.print(table, soft_wrap=False)


def stop(
    execution: Annotated[str, typer.Argument(help="ARN, name or id of an execution.")],
    error: Annotated[str, typer.Option(help="Error of the stopped execution.")] = "",
    cause: Annotated[str, typer.Option(help="Cause of the stopped execution.")] = "",
) -> None:
    """Stop a running execution with everything in it."""
    with application() as app:
        row = named_execution(app.engine, execution)
        stopped = stop_execution(app.engine, row.arn, error=error, cause=cause)
    messages.print(f"{row.name} is stopped" if stopped else f"{row.name} had ended already")


def _cells(row: ExecutionRow) -> tuple[str, ...]:
    started = datetime.fromtimestamp(row.started_at).astimezone()
    took = (row.stopped_at or time.time()) - row.started_at
    return (
        f"{started:%Y-%m-%d %H:%M:%S}",
        duration(took),
        row.status,
        row.machine_name,
        row.name,
        row.error or "",
    )
