"""Payloads above the offload threshold, and an object store that fails. In both modes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3
from sqlalchemy import select

from pipeline.ledger.schema import executions, frames
from tests.machines import call, each, only
from tests.platforms import Platform

LARGE = 100_000
"""Characters of a text that is above the threshold and below what AWS allows."""

SMALL_ROW = 2000
"""Bytes that a ledger row of a large payload stays below."""


def test_a_large_payload_lies_in_the_object_store_and_the_ledger_points_there(
    platform: Platform,
) -> None:
    machine = {
        "StartAt": "Make",
        "States": {"Make": call("text", Next="Pass on"), "Pass on": call("echo")},
    }
    execution = platform.start(machine, LARGE)
    ended = platform.wait(execution)
    assert len(ended.output) == LARGE
    engine = platform.engine
    with engine.database.reading() as connection:
        packed = connection.scalar(
            select(executions.c.output).where(executions.c.id == execution.id)
        )
    assert packed is not None
    assert len(packed) < SMALL_ROW
    pointer = engine.payloads.pointer_of(packed)
    assert pointer is not None
    sizes = {
        found.key: found.size for found in engine.payloads.store.keys(f"executions/{execution.id}/")
    }
    assert sizes[pointer.key] == pointer.size


def test_large_items_of_a_map_travel_by_pointer(platform: Platform) -> None:
    echoed = {"Type": "Pass", "Parameters": {"length.$": "States.ArrayLength($$.Map.Item.Value)"}}
    machine = only(each({"StartAt": "Echo", "States": {"Echo": {**echoed, "End": True}}}))
    rows = [[number] * 8000 for number in range(10)]
    execution = platform.start(machine, rows)
    assert platform.wait(execution).output == [{"length": 8000}] * 10
    with platform.engine.database.reading() as connection:
        bodies = connection.scalars(
            select(frames.c.output).where(frames.c.execution_id == execution.id)
        ).all()
    assert all(len(body) < SMALL_ROW for body in bodies)


def test_a_failing_object_store_fails_the_task_state_and_a_retry_saves_it(
    platform: Platform,
) -> None:
    retry = [
        {
            "ErrorEquals": ["StateBag.ObjectStoreUnavailable"],
            "IntervalSeconds": 1,
            "MaxAttempts": 20,
            "BackoffRate": 1.0,
        }
    ]
    with _object_store_away(platform):
        execution = platform.start(only(call("text", Retry=retry)), LARGE)
        platform.until(lambda: "LambdaFunctionFailed" in platform.types(execution))
    ended = platform.wait(execution)
    assert (ended.status, len(ended.output)) == ("SUCCEEDED", LARGE)
    (failure, *_) = [
        event for event in platform.history(execution) if event.type == "LambdaFunctionFailed"
    ]
    assert failure.details["error"] == "StateBag.ObjectStoreUnavailable"


def test_a_failing_object_store_fails_the_execution_without_a_retry(platform: Platform) -> None:
    with _object_store_away(platform):
        ended = platform.run(only(call("text")), LARGE)
    assert (ended.status, ended.error) == ("FAILED", "StateBag.ObjectStoreUnavailable")


@contextmanager
def _object_store_away(platform: Platform) -> Iterator[None]:
    """Take away what the object store keeps its objects in, and put it back empty."""
    store = platform.engine.settings.object_store
    if store.startswith("s3://"):
        bucket = boto3.session.Session().resource("s3").Bucket(store.removeprefix("s3://"))
        bucket.objects.all().delete()
        bucket.delete()
        yield
        bucket.create()
        return
    root = Path(unquote(urlsplit(store).path))
    away = root.with_name("away")
    root.rename(away)
    root.touch()
    yield
    root.unlink()
    away.rename(root)
