"""``statebag history``."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from pipeline.command_line.application import application, named_execution
from pipeline.command_line.consoles import results
from pipeline.engine import Engine
from pipeline.executions import ExecutionDoesNotExist
from pipeline.history import execution_history
from pipeline.language.json_value import JsonObject

_LONGEST_DETAIL = 100
_TOLD = ("name", "index", "resource", "error", "cause", "length", "mapRunArn")
"""Fields of the details that the table tells; --json has them all."""


def history(
    execution: Annotated[
        str,
        typer.Argument(
            help="ARN, name or id of an execution, or id of an iteration of a distributed Map."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="All details, as GetExecutionHistory gives them.")
    ] = False,
) -> None:
    """Show the history of an execution."""
    with application() as app:
        events = list(_events(app.engine, execution))
    if as_json:
        results.out(json.dumps({"events": events}, indent=2, ensure_ascii=False))
    else:
        results.print(_table(events), soft_wrap=False)


def _events(engine: Engine, execution: str) -> Iterable[JsonObject]:
    try:
        return execution_history(engine, named_execution(engine, execution).id)
    except ExecutionDoesNotExist:
        if events := list(execution_history(engine, execution)):
            return events
        raise


def _table(events: list[JsonObject]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "after", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("event", no_wrap=True)
    table.add_column("details", overflow="fold")
    began: Any = events[0]["timestamp"] if events else 0.0
    for event in events:
        seconds: Any = event["timestamp"]
        table.add_row(
            str(event["id"]),
            str(event["previousEventId"]),
            f"{seconds - began:.3f}",
            str(event["type"]),
            Text(_told(event)),
        )
    return table


def _told(event: JsonObject) -> str:
    details = next((value for value in event.values() if isinstance(value, dict)), {})
    told = " ".join(str(details[name]) for name in _TOLD if name in details)
    line = " ".join(told.split())
    return line if len(line) <= _LONGEST_DETAIL else f"{line[: _LONGEST_DETAIL - 1]}…"
