"""An execution as it goes on: its events as they come, until it ends."""

import time
from collections.abc import Iterator
from typing import Any

_LOOK_SECONDS = 0.5
_PAGE = 1000


def until_it_ends(client: Any, arn: str) -> dict[str, Any]:
    """What DescribeExecution tells once an execution has ended."""
    while True:
        execution: dict[str, Any] = client.describe_execution(executionArn=arn)
        if execution["status"] not in ("RUNNING", "PENDING_REDRIVE"):
            return execution
        time.sleep(_LOOK_SECONDS)


def events(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    """The events so far."""
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=arn, maxResults=_PAGE
    )
    for page in pages:
        yield from page["events"]


def events_until_it_ends(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    """The events so far and those to come, until the execution has ended."""
    seen = 0
    while True:
        ended = client.describe_execution(executionArn=arn)["status"] != "RUNNING"
        for event in events(client, arn):
            if event["id"] > seen:
                seen = event["id"]
                yield event
        if ended:
            return
        time.sleep(_LOOK_SECONDS)
