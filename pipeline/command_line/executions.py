"""``statebag describe``, ``list``, ``stop`` and ``redrive``."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from pipeline.command_line.answers import local_time, print_fields, print_json, table
from pipeline.command_line.consoles import messages, results
from pipeline.command_line.durations import duration
from pipeline.command_line.endpoint import AsJson, Endpoint, step_functions
from pipeline.command_line.names import Execution, execution_arn, machine_arn, standard_machines
from pipeline.command_line.watching import Follow, watch

_MAX_PAGE = 1000


def describe(
    execution: Execution, endpoint: Endpoint = None, follow: Follow = False, as_json: AsJson = False
) -> None:
    """Describe an execution: its status, input, output or error."""
    with step_functions(endpoint) as client:
        arn = execution_arn(client, execution)
        if follow:
            watch(client, arn, as_json=as_json)
        described = client.describe_execution(executionArn=arn)
    (print_json if as_json else print_fields)(described)


def list_(
    machine: Annotated[
        str | None,
        typer.Argument(
            metavar="MACHINE", help="Name or ARN of a state machine, or ARN of a Map Run."
        ),
    ] = None,
    status: Annotated[str | None, typer.Option(help="Of this status only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    endpoint: Endpoint = None,
    as_json: AsJson = False,
) -> None:
    """List the executions started last, newest first."""
    with step_functions(endpoint) as client:
        if machine is None:
            owners = [each["stateMachineArn"] for each in standard_machines(client)]
        else:
            owners = [machine_arn(client, machine)]
        found = [each for arn in owners for each in _newest(client, arn, status, limit)]
    found = sorted(found, key=lambda each: each["startDate"], reverse=True)[:limit]
    if as_json:
        print_json({"executions": found})
    else:
        _print_list(found)


def stop(
    execution: Execution,
    error: Annotated[str, typer.Option(help="Error of the stopped execution.")] = "",
    cause: Annotated[str, typer.Option(help="Cause of the stopped execution.")] = "",
    endpoint: Endpoint = None,
    as_json: AsJson = False,
) -> None:
    """Stop a running execution with everything in it."""
    why = {name: text for name, text in (("error", error), ("cause", cause)) if text}
    with step_functions(endpoint) as client:
        arn = execution_arn(client, execution)
        running = client.describe_execution(executionArn=arn)["status"] == "RUNNING"
        stopped = client.stop_execution(executionArn=arn, **why)
    if as_json:
        print_json(stopped)
    else:
        messages.print(f"Stopped {arn}" if running else f"{arn} had already ended")


def redrive(
    execution: Execution, endpoint: Endpoint = None, follow: Follow = False, as_json: AsJson = False
) -> None:
    """Resume a failed execution at the state that failed."""
    with step_functions(endpoint, needs_worker=True) as client:
        arn = execution_arn(client, execution)
        redriven = client.redrive_execution(executionArn=arn)
        if follow:
            watch(client, arn, as_json=as_json)
    if as_json:
        print_json(redriven)
    else:
        messages.print(f"Resumed {arn}")


def _newest(client: Any, arn: str, status: str | None, limit: int) -> list[dict[str, Any]]:
    owner = "mapRunArn" if ":mapRun:" in arn else "stateMachineArn"
    filtered = {} if status is None else {"statusFilter": status}
    pages = client.get_paginator("list_executions").paginate(
        **{owner: arn},
        **filtered,
        PaginationConfig={"MaxItems": limit, "PageSize": min(limit, _MAX_PAGE)},
    )
    return [execution for page in pages for execution in page["executions"]]


def _print_list(found: list[dict[str, Any]]) -> None:
    shown = table("started", "took", "status", "state machine", "name")
    for each in found:
        ended = each.get("stopDate") or datetime.now(UTC)
        shown.add_row(
            local_time(each["startDate"]),
            duration((ended - each["startDate"]).total_seconds()),
            each["status"],
            Text(each["stateMachineArn"].rpartition(":stateMachine:")[2]),
            Text(each["name"]),
        )
    results.print(shown, soft_wrap=False)
