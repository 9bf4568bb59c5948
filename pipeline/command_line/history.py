"""``statebag history``."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pipeline.command_line.answers import print_json, table
from pipeline.command_line.consoles import results
from pipeline.command_line.endpoint import AsJson, Endpoint, step_functions
from pipeline.command_line.following import events, events_until_it_ends
from pipeline.command_line.names import Execution, execution_arn

_MAX_DETAIL = 100
_SHOWN = ("name", "index", "resource", "error", "cause", "length", "mapRunArn")
"""Fields of the details that the table shows; --json prints all."""


def history(
    execution: Execution,
    endpoint: Endpoint = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Show further events as they arrive.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the history of an execution."""
    with step_functions(endpoint) as client:
        arn = execution_arn(client, execution)
        if follow and not as_json:
            print_events(results, events_until_it_ends(client, arn))
            return
        found = list((events_until_it_ends if follow else events)(client, arn))
    if as_json:
        print_json({"events": found})
    else:
        _print_table(found)


def print_events(console: Console, found: Iterable[dict[str, Any]]) -> None:
    """Print a line for each event as soon as it comes."""
    for event in found:
        console.print(f"{event['id']:>6}  {event['type']:<28} {_shown(event)}".rstrip())


def _print_table(found: list[dict[str, Any]]) -> None:
    shown = table("id", "after", "seconds", "event", "details")
    for column in shown.columns[:3]:
        column.justify = "right"
    began: datetime | None = found[0]["timestamp"] if found else None
    for event in found:
        seconds = (event["timestamp"] - began).total_seconds() if began else 0.0
        shown.add_row(
            str(event["id"]),
            str(event["previousEventId"]),
            f"{seconds:.3f}",
            str(event["type"]),
            Text(_shown(event)),
        )
    results.print(shown, soft_wrap=False)


def _shown(event: dict[str, Any]) -> str:
    details = next((value for value in event.values() if isinstance(value, dict)), {})
    shown = " ".join(str(details[name]) for name in _SHOWN if name in details)
    line = " ".join(shown.split())
    return line if len(line) <= _MAX_DETAIL else f"{line[: _MAX_DETAIL - 1]}…"
