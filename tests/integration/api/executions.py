"""Executions as clients of the endpoint start them, and wait for their ends."""

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.integration.api.machines import create
from tests.platforms import PATIENCE


def machine(client: Any, definition: Mapping[str, Any], **given: Any) -> str:
    """Create a state machine; returns its ARN."""
    arn: str = create(client, definition=json.dumps(definition), **given)["stateMachineArn"]
    return arn


def start(client: Any, machine_arn: str, given: Any = None, **arguments: Any) -> str:
    """Start an execution; returns its ARN."""
    started = client.start_execution(
        stateMachineArn=machine_arn, input=json.dumps(given), **arguments
    )
    arn: str = started["executionArn"]
    return arn


def ended(client: Any, arn: str) -> Any:
    """An execution, described as soon as it has ended."""
    deadline = time.monotonic() + PATIENCE
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, f"{arn} goes on: {types(client, arn)[-20:]}"
        time.sleep(0.02)
    return described


def history(client: Any, arn: str, **arguments: Any) -> list[Any]:
    """All events of an execution, page by page."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn, **arguments)
    return [event for page in pages for event in page["events"]]


def types(client: Any, arn: str) -> list[str]:
    """The types of the events of an execution."""
    return [event["type"] for event in history(client, arn)]
