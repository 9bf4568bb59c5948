"""Status-change events of executions, which the outbox keeps until they are published."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kombu.entity import Queue

from pipeline.executions.lifecycle import stop_execution
from pipeline.executor.status_events import publish_waiting
from pipeline.integrations.services.client import Service, client_error
from pipeline.integrations.services.event_bus import EXCHANGE
from pipeline.ledger import outbox
from pipeline.ledger.rows import ExecutionRow
from tests.machines import call, only
from tests.platforms import Platform, embedded_platform

ROUTING_KEY = "aws.states.Step Functions Execution Status Change"
SLEEPER = only({"Type": "Wait", "Seconds": 3600, "End": True})


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with embedded_platform(tmp_path, redelivery_seconds=0.2, sweep_interval_seconds=0.1) as made:
        yield made


@contextmanager
def listening(platform: Platform) -> Iterator[Any]:
    """A function that gives the events that have arrived so far."""
    with platform.app.connection_for_read() as connection:
        # Kombu is typed in part only.
        make_queue: Any = Queue
        queue = make_queue("status", EXCHANGE, routing_key=ROUTING_KEY)(connection.default_channel)
        queue.declare()
        arrived: list[dict[str, Any]] = []

        def events() -> list[dict[str, Any]]:
            while (message := queue.get(no_ack=True)) is not None:
                arrived.append(json.loads(message.body))
            return arrived

        yield events
        queue.delete()


def statuses(events: list[dict[str, Any]]) -> list[str]:
    return [event["detail"]["status"] for event in events]


def test_the_start_and_the_end_are_told_with_the_fields_of_aws(platform: Platform) -> None:
    with listening(platform) as events:
        execution = platform.start(only(call("double")), 21)
        platform.wait(execution)
        platform.until(lambda: len(events()) == 2)
        started, ended = events()
    assert ended["source"] == "aws.states"
    assert ended["detail-type"] == "Step Functions Execution Status Change"
    assert ended["resources"] == [execution.arn]
    assert statuses([started, ended]) == ["RUNNING", "SUCCEEDED"]
    assert (started["detail"]["output"], started["detail"]["stopDate"]) == (None, None)
    detail = ended["detail"]
    assert (detail["input"], detail["output"]) == ("21", "42")
    assert detail["inputDetails"] == detail["outputDetails"] == {"included": True}
    assert detail["executionArn"] == execution.arn
    assert detail["startDate"] <= detail["stopDate"]
    assert detail["error"] is None


def test_failed_and_stopped_executions_say_why(platform: Platform) -> None:
    with listening(platform) as events:
        failing = only({"Type": "Fail", "Error": "E", "Cause": "C"})
        platform.run(failing)
        stop_execution(platform.engine, platform.start(SLEEPER).arn, error="Enough")
        platform.until(lambda: len(events()) == 4)
        details = {event["detail"]["status"]: event["detail"] for event in events()}
    assert (details["FAILED"]["error"], details["FAILED"]["cause"]) == ("E", "C")
    assert details["ABORTED"]["error"] == "Enough"


def test_what_the_bus_refused_is_published_by_a_later_sweep(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**parameters: Any) -> dict[str, Any]:
        raise client_error("PutEvents", "InternalException", "the broker is away", 500)

    with listening(platform) as events:
        with monkeypatch.context() as away:
            away.setattr(
                platform.engine,
                "services",
                replace(platform.engine.services, local={"events": {"putEvents": refuse}}),
            )
            execution = platform.start(SLEEPER)
            assert events() == []
        platform.until(lambda: statuses(events()) == ["RUNNING"])
        with platform.engine.database.reading() as connection:
            platform.until(lambda: outbox.changes_of(connection, execution.id) == [])
        publish_waiting(platform.engine)
        assert len(events()) == 1


def answering(code: str) -> dict[str, Service]:
    """Services whose event bus answers each event with this code."""

    def put_events(**parameters: Any) -> dict[str, Any]:
        told = {"ErrorCode": code, "ErrorMessage": "no"}
        return {"FailedEntryCount": 1, "Entries": [told for _ in parameters["Entries"]]}

    return {"events": {"putEvents": put_events}}


def waiting(platform: Platform, execution: ExecutionRow) -> list[str]:
    """The status changes that the outbox keeps of an execution."""
    with platform.engine.database.reading() as connection:
        return [change.status for change in outbox.changes_of(connection, execution.id)]


def test_an_event_that_is_throttled_is_published_by_a_later_sweep(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = platform.engine.services
    with listening(platform) as events:
        with monkeypatch.context() as busy:
            refusing = replace(services, local=answering("ThrottlingException"))
            busy.setattr(platform.engine, "services", refusing)
            execution = platform.start(SLEEPER)
            assert waiting(platform, execution) == ["RUNNING"]
        platform.until(lambda: statuses(events()) == ["RUNNING"])


def test_an_event_that_the_bus_will_never_take_is_not_kept(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's own takes no event whose source begins with ``aws.``."""
    refusing = replace(platform.engine.services, local=answering("NotAuthorizedForSourceException"))
    monkeypatch.setattr(platform.engine, "services", refusing)
    assert waiting(platform, platform.start(SLEEPER)) == []


PASS = only({"Type": "Succeed"})


@pytest.mark.parametrize(
    ("given", "included"),
    [
        ("x" * 100_000, (True, True)),
        ("x" * 150_000, (False, True)),  # the input where both fit
        ('"' * 70_000, (False, False)),  # escaped twice
    ],
)
def test_what_an_event_cannot_carry_is_left_out(
    platform: Platform, given: str, included: tuple[bool, bool]
) -> None:
    with listening(platform) as events:
        platform.wait(platform.start(PASS, given))
        platform.until(lambda: len(events()) == 2)
        detail = events()[1]["detail"]
    told = detail["inputDetails"]["included"], detail["outputDetails"]["included"]
    assert told == included
    assert (detail["input"] is not None, detail["output"] is not None) == included


def test_without_the_setting_nothing_is_published_or_kept(tmp_path: Path) -> None:
    with embedded_platform(tmp_path, status_events=False) as quiet, listening(quiet) as events:
        execution = quiet.start(only(call("double")), 21)
        quiet.wait(execution)
        with quiet.engine.database.reading() as connection:
            assert outbox.changes_of(connection, execution.id) == []
        assert events() == []
