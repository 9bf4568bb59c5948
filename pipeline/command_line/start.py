"""``statebag start``."""

import json
from typing import Annotated, Any

import typer

from pipeline.command_line.answers import print_json
from pipeline.command_line.consoles import messages, results
from pipeline.command_line.documents import read_input
from pipeline.command_line.endpoint import AsJson, Endpoint, step_functions
from pipeline.command_line.names import machine_arn
from pipeline.command_line.watching import Follow, exit_as, watch

_PARTS_OF_A_MACHINES_ARN = 7
"""What follows them is a version or an alias."""


def start(
    machine: Annotated[
        str,
        typer.Argument(
            metavar="MACHINE",
            help="Name or ARN of a state machine; ARN of a version or an alias.",
        ),
    ],
    *,
    given: Annotated[
        str, typer.Option("--input", help="JSON text, a file that holds it, or - for stdin.")
    ] = "{}",
    name: Annotated[
        str | None, typer.Option(help="Name of the execution; a new UUID by default.")
    ] = None,
    endpoint: Endpoint = None,
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Start an execution of a state machine."""
    named = {} if name is None else {"name": name}
    request = {"input": json.dumps(read_input(given), ensure_ascii=False), **named}
    with step_functions(endpoint, needs_worker=True) as client:
        arn = machine_arn(client, machine)
        if follow and _is_express(client, arn):
            # The ledger keeps no history of it to follow, so the command waits for the answer.
            exit_as(client.start_sync_execution(stateMachineArn=arn, **request), as_json=as_json)
        started = client.start_execution(stateMachineArn=arn, **request)
        if follow:
            messages.print(started["executionArn"])
            watch(client, started["executionArn"], as_json=as_json)
    if as_json:
        print_json(started)
    else:
        results.print(started["executionArn"])


def _is_express(client: Any, arn: str) -> bool:
    machine = ":".join(arn.split(":")[:_PARTS_OF_A_MACHINES_ARN])
    described = client.describe_state_machine(stateMachineArn=machine, includedData="METADATA_ONLY")
    return bool(described["type"] == "EXPRESS")
