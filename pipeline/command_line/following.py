"""The events of a running execution, until it ends."""

import time
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

_LOOK_SECONDS = 0.5
_PAGE = 1000
_GOING_ON = ("RUNNING", "PENDING_REDRIVE")


def until_it_ends(client: Any, arn: str) -> dict[str, Any]:
    """DescribeExecution's answer once an execution has ended."""
    while not _has_ended(client, arn):
        time.sleep(_LOOK_SECONDS)
    ended: dict[str, Any] = client.describe_execution(executionArn=arn)
    return ended


def events(client: Any, arn: str, *, reverse: bool = False) -> Iterator[dict[str, Any]]:
    """The events so far; newest first if reversed."""
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=arn, maxResults=_PAGE, reverseOrder=reverse
    )
    for page in pages:
        yield from page["events"]


def events_until_it_ends(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    """The events so far and those to come, until the execution has ended."""
    seen = 0
    while True:
        ended = _has_ended(client, arn)  # asked first, so that the read below finds every event
        for event in _events_after(client, arn, seen):
            seen = event["id"]
            yield event
        if ended:
            return
        time.sleep(_LOOK_SECONDS)


def _events_after(client: Any, arn: str, seen: int) -> list[dict[str, Any]]:
    # From the end, so that each look costs what is new and not the whole history.
    new = list(takewhile(lambda event: event["id"] > seen, events(client, arn, reverse=True)))
    return new[::-1]


def _has_ended(client: Any, arn: str) -> bool:
    execution = client.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    return execution["status"] not in _GOING_ON
