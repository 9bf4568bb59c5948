"""State machines and executions by name, for commands that got no ARN."""

from typing import Annotated, Any, TypeAlias

import typer
from botocore.exceptions import ClientError

from pipeline.command_line.command_errors import CommandError

Execution: TypeAlias = Annotated[
    str, typer.Argument(metavar="EXECUTION", help="ARN or name of an execution.")
]


def machine_arn(client: Any, text: str) -> str:
    """The ARN of a state machine.

    Args:
        client: Of Step Functions.
        text: Its ARN (of a version or an alias, too), or its name.

    Raises:
        CommandError: No state machine has this name.
    """
    if text.startswith("arn:"):
        return text
    for machine in machines(client):
        if machine["name"] == text:
            return str(machine["stateMachineArn"])
    raise CommandError(f"There is no state machine {text}")


def execution_arn(client: Any, text: str) -> str:
    """The ARN of an execution.

    Args:
        client: Of Step Functions.
        text: Its ARN or its name; if several have that name, the one started last.

    Raises:
        CommandError: No execution has this name.
    """
    if text.startswith("arn:"):
        return text
    found = [
        execution
        for machine in standard_machines(client)
        if (execution := _execution_of(client, machine["stateMachineArn"], text)) is not None
    ]
    if not found:
        raise CommandError(f"There is no execution {text}")
    return str(max(found, key=lambda execution: execution["startDate"])["executionArn"])


def machines(client: Any) -> list[dict[str, Any]]:
    """Every state machine."""
    pages = client.get_paginator("list_state_machines").paginate()
    return [machine for page in pages for machine in page["stateMachines"]]


def standard_machines(client: Any) -> list[dict[str, Any]]:
    """Every state machine whose executions the ledger keeps: all but EXPRESS ones."""
    return [machine for machine in machines(client) if machine["type"] == "STANDARD"]


def _execution_of(client: Any, machine: str, name: str) -> dict[str, Any] | None:
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
    try:
        execution: dict[str, Any] = client.describe_execution(
            executionArn=arn, includedData="METADATA_ONLY"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ExecutionDoesNotExist", "InvalidArn"):
            return None
        raise
    return execution
