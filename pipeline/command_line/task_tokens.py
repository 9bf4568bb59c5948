"""``statebag send-success`` and ``statebag send-failure``."""

import json
from typing import Annotated

import typer

from pipeline.command_line.consoles import messages
from pipeline.command_line.documents import read_input
from pipeline.command_line.endpoint import Endpoint, step_functions

Token = Annotated[str, typer.Argument(metavar="TOKEN", help="The task token.")]


def send_success(
    token: Token,
    output: Annotated[
        str, typer.Option(help="JSON text, a file that holds it, or - for stdin.")
    ] = "{}",
    endpoint: Endpoint = None,
) -> None:
    """Answer a task token with a result."""
    result = json.dumps(read_input(output), ensure_ascii=False)
    with step_functions(endpoint) as client:
        client.send_task_success(taskToken=token, output=result)
    messages.print("The task has succeeded")


def send_failure(
    token: Token,
    error: Annotated[str, typer.Option(help="Name of the error.")] = "",
    cause: Annotated[str, typer.Option(help="Description of the error.")] = "",
    endpoint: Endpoint = None,
) -> None:
    """Answer a task token with an error."""
    why = {name: text for name, text in (("error", error), ("cause", cause)) if text}
    with step_functions(endpoint) as client:
        client.send_task_failure(taskToken=token, **why)
    messages.print("The task has failed")
