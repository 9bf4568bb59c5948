"""``--follow``: show an execution until it ends; its status decides the exit code."""

from typing import Annotated, Any, NoReturn, TypeAlias

import typer

from pipeline.command_line.answers import exit_code, print_end, print_json
from pipeline.command_line.consoles import messages
from pipeline.command_line.following import events_until_it_ends, until_it_ends
from pipeline.command_line.history import print_events

Follow: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--follow", help="Show the events as they arrive; exit with 1 unless it succeeds."
    ),
]


def watch(client: Any, arn: str, *, as_json: bool) -> NoReturn:
    """Show an execution until it ends.

    Raises:
        typer.Exit: It has ended: with 0 if it succeeded, or else 1.
    """
    if not as_json:
        print_events(messages, events_until_it_ends(client, arn))
    exit_as(until_it_ends(client, arn), as_json=as_json)


def exit_as(ended: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Print how an execution ended, its output alone to standard output, and exit.

    Raises:
        typer.Exit: Always.
    """
    (print_json if as_json else print_end)(ended)
    raise typer.Exit(exit_code(ended))
