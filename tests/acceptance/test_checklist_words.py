"""Contract 13: the words that are written and read, and the numbers of states."""

import json
from typing import Any

import pytest

from tasks.smart_statebag.finalize_execution import lambda_handler as finalize
from tasks.smart_statebag.idempotency import claim_execution
from tasks.smart_statebag.tables import IDEMPOTENCY, open_table
from tests.acceptance.state_machine_documents import document, places
from tests.bags import ARN, identity

STATES = {"A": 63, "B": 46, "C": 43, "D": 47}


def test_the_events_have_the_known_names_and_words() -> None:
    seen: set[tuple[str, str, str]] = set()
    for code in "ABCD":
        for place in places(code):
            if place.resource.startswith("events:putEvents"):
                for entry in place.state["Parameters"]["Entries"]:
                    status = entry["Detail"]["status"]
                    seen.add((entry["Source"], entry["DetailType"], status))
    lifecycle = ("backend-workflow.lifecycle", "WorkflowLifecycleEvent")
    words = (
        *("RUNNING", "COMPLETED", "FAILED", "LARGE_WORKFLOW_WARNING", "ASYNC_LLM_PROCESSING"),
        "DISTRIBUTED_EXECUTION_STARTED",
    )
    succeeded = ("backend-workflow", "WorkflowExecutionSucceeded", "SUCCEEDED")
    assert seen == {(*lifecycle, word) for word in words} | {succeeded}


@pytest.mark.usefixtures("local_tables")
def test_the_words_of_idempotency_that_are_written() -> None:
    claim_execution({**identity(), "idempotency_key": "key"})
    assert status_of("key") == "RUNNING"
    for status, written in [("SUCCEEDED", "SUCCEEDED"), ("TIMED_OUT", "FAILED")]:
        detail: Any = {"executionArn": ARN, "status": status, "output": "{}"}
        detail["input"] = json.dumps({"idempotency_key": "key"})
        finalize({"detail": detail})
        assert status_of("key") == written


def status_of(key: str) -> Any:
    row = open_table(IDEMPOTENCY).get({"idempotency_key": key})
    assert row is not None
    return row["status"]


@pytest.mark.parametrize("code", "ABCD")
def test_the_words_of_idempotency_that_are_read(code: str) -> None:
    text = json.dumps(document(code))
    for word in ("RUNNING", "IN_PROGRESS", "SUCCEEDED", "COMPLETED"):
        assert f'"StringEquals": "{word}"' in text


@pytest.mark.parametrize(("code", "count"), STATES.items())
def test_the_files_have_their_numbers_of_states(code: str, count: int) -> None:
    assert len(places(code)) == count
