"""Status-change events on a server that stands for EventBridge, as a rule's target gets them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from pipeline.executions.redriving import redrive
from tests.machines import call, only
from tests.platforms import Platform, embedded_platform

PATTERN = {
    "source": ["aws.states"],
    "detail-type": ["Step Functions Execution Status Change"],
}


@pytest.fixture
def _environment(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def client(service: str) -> Any:
    return boto3.session.Session().client(service)


@pytest.fixture
def queue(_environment: None) -> Iterator[str]:
    """A queue to which a rule sends the status changes."""
    sqs, events, name = client("sqs"), client("events"), f"status-{uuid4().hex[:8]}"
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    events.put_rule(Name=name, EventPattern=json.dumps(PATTERN))
    target = {"Id": "queue", "Arn": asked["Attributes"]["QueueArn"]}
    events.put_targets(Rule=name, Targets=[target])
    yield url
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


@pytest.fixture
def platform(tmp_path: Path, queue: str) -> Iterator[Platform]:
    settings: dict[str, Any] = {"event_bus": "aws", "status_events": True}
    with embedded_platform(tmp_path, sweep_interval_seconds=0.1, **settings) as made:
        yield made


def received(queue: str, count: int) -> list[dict[str, Any]]:
    """As many events as are expected, in their order."""
    sqs, events = client("sqs"), []
    while len(events) < count:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        messages = answer.get("Messages", [])
        assert messages, f"only {len(events)} events have arrived"
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            events.append(json.loads(message["Body"]))
    return events


def test_a_rule_gets_an_execution_that_fails_and_is_redriven(
    platform: Platform, queue: str
) -> None:
    state = call("fail-first")
    execution = platform.start(only(state), {"log": str(platform.path("log")), "attempts": 2})
    failed = platform.wait(execution)
    started, ended = received(queue, 2)
    redrive(platform.engine, platform.engine.executions.latest_row(execution.id))
    platform.wait(execution)
    again, succeeded = received(queue, 2)
    assert ended["resources"] == [execution.arn]
    assert [event["detail"]["status"] for event in (started, ended, again, succeeded)] == [
        "RUNNING",
        "FAILED",
        "RUNNING",
        "SUCCEEDED",
    ]
    assert (ended["detail"]["error"], ended["detail"]["cause"]) == (failed.error, failed.cause)
    shown = ("redriveCount", "redriveDate", "redriveStatus", "redriveStatusReason")
    running = "Execution is RUNNING and cannot be redriven"
    assert [started["detail"][name] for name in shown] == [0, None, "NOT_REDRIVABLE", running]
    assert [ended["detail"][name] for name in shown] == [0, None, "REDRIVABLE", None]
    row = platform.engine.executions.latest_row(execution.id)
    assert row.redriven_at is not None
    at = round(row.redriven_at * 1000)
    assert [again["detail"][name] for name in shown] == [1, at, "NOT_REDRIVABLE", running]
    over = "Execution is SUCCEEDED and cannot be redriven"
    assert [succeeded["detail"][name] for name in shown] == [1, at, "NOT_REDRIVABLE", over]


def test_an_event_has_every_field_of_aws(platform: Platform, queue: str) -> None:
    execution = platform.start(only(call("double")), 21)
    platform.wait(execution)
    _, ended = received(queue, 2)
    assert ended["detail-type"] == "Step Functions Execution Status Change"
    assert ended["resources"] == [execution.arn]
    row = platform.engine.executions.latest_row(execution.id)
    assert row.stopped_at is not None
    assert ended["detail"] == {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "name": execution.name,
        "status": "SUCCEEDED",
        "startDate": round(row.started_at * 1000),
        "stopDate": round(row.stopped_at * 1000),
        "input": "21",
        "inputDetails": {"included": True},
        "output": "42",
        "outputDetails": {"included": True},
        "error": None,
        "cause": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }
