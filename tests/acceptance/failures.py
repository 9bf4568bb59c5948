"""How a failed execution of the Smart StateBag looks, and the workflows that are made to fail."""

import json
from typing import Any

from pipeline.ledger.rows import ExecutionRow
from tests.acceptance.published_events import PublishedEvents
from tests.acceptance.recorded import Recorded
from tests.acceptance.smart_statebag import SmartStateBag
from tests.acceptance.workflows import KOREAN_TEXT, Workflow, edges, hitp, node

MAX_RETRY = 20
"""Seconds; the state machines wait at most 16 before they call a function again."""


def simple(**sets: Any) -> Workflow:
    """One operator."""
    return {"nodes": [node("set", "operator", sets=sets or {"done": True})], "edges": []}


def asking() -> Workflow:
    """A text is written, a person is asked, an end."""
    nodes = [node("set", "operator", sets={"text": KOREAN_TEXT}), hitp("check")]
    return {"nodes": nodes, "edges": edges("set check")}


def outlast_retries(statebag: SmartStateBag, execution: ExecutionRow) -> Recorded:
    """Wait for the end; whenever a call has failed, the time of its retry comes at once."""
    failed = 0

    def ended() -> bool:
        nonlocal failed
        now = statebag.platform.types(execution).count("TaskFailed")
        if now > failed:
            failed = now
            statebag.clock.skipped += MAX_RETRY
        return not statebag.is_running(execution)

    statebag.platform.until(ended, 90)
    return statebag.finish(execution)


def assert_failed(
    recorded: Recorded, events: PublishedEvents, error: str, *, end: str = "WorkflowFailed"
) -> Any:
    """The execution ended in the state and its event has the error; returns the event."""
    assert recorded.ended.status == "FAILED"
    assert recorded.states[-1] == end
    event = events.failure(recorded.arn)
    assert event["error"]["Error"] == error
    if end == "WorkflowFailed":
        assert recorded.ended.error == "WorkflowExecutionFailed"
        assert json.loads(str(recorded.ended.cause)) == event["error"]
    return event
