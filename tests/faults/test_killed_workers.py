"""Workers are killed in the middle of a large Map, on both brokers."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import select

from pipeline.executor.calls.own_errors import WORKER_LOST
from pipeline.interpreter.frame import Phase
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.schema import frames
from tests.machines import call, each, only
from tests.platforms import Platform, server_platform
from tests.server_processes import Process, own_services

ITEMS = 500
KILL_AFTER = (50, 200, 350)
"""Committed results after which workers die."""

Kill: TypeAlias = Callable[[Platform, list[Process]], None]

PROMPT: dict[str, Any] = {
    "heartbeat_interval_seconds": 0.5,
    "worker_stale_seconds": 2,
    "redelivery_seconds": 3,
    "sweep_interval_seconds": 0.5,
    # Many short messages: each kill meets the engine at another place.
    "message_budget_seconds": 0.05,
}


@pytest.mark.parametrize("broker", ["rabbitmq", pytest.param("redis", marks=pytest.mark.slow)])
def test_a_map_survives_workers_that_are_killed_three_times(
    broker: str, tmp_path: Path, s3_server: str
) -> None:
    with (
        own_services(s3_server, redis_as_broker=broker == "redis") as services,
        server_platform(tmp_path, services, **PROMPT) as platform,
    ):
        log = platform.path("log")
        working = call("work", Parameters={"log": str(log), "item.$": "$"})
        execution = platform.start(only(each(only(working), MaxConcurrency=8)), list(range(ITEMS)))
        interrupted: Counter[int] = Counter()
        victims = (_children_of_the_first, _the_first, _children_of_both)
        for after, kill in zip(KILL_AFTER, victims, strict=True):
            platform.until(lambda: len(_done(platform, execution)) >= after)  # noqa: B023 - at once
            interrupted += _kill(platform, execution, log, kill)
        ended = platform.wait(execution, seconds=90)

        assert ended.status == "SUCCEEDED"
        assert ended.output == [item**2 for item in range(ITEMS)]
        types = Counter(platform.types(execution))
        assert types["MapStateSucceeded"] == types["MapStateExited"] == 1
        assert types["MapIterationSucceeded"] == types["LambdaFunctionSucceeded"] == ITEMS
        calls = _begun(log)
        again = {item: count - 1 for item, count in calls.items() if count > 1}
        assert {item: count for item, count in again.items() if count > interrupted[item]} == {}
        assert len(calls) == ITEMS
        lost = [event for event in platform.history(execution) if _tells_of_a_loss(event.details)]
        assert len(lost) >= sum(again.values())


def _tells_of_a_loss(details: dict[str, object]) -> bool:
    return details.get("error") == WORKER_LOST


def _kill(platform: Platform, execution: ExecutionRow, log: Path, kill: Kill) -> Counter[int]:
    """Kill, and say which items had been begun and not been committed by then."""
    assert platform.processes is not None
    # A worker that has not started yet does not outlive its children.
    platform.processes.await_ready()
    workers = platform.processes.workers
    for worker in workers:
        worker.stand_still()
    # What the database was told before everything stood still is committed after a moment; it
    # counts as interrupted here, which allows too much by no more than these few.
    begun = set(_begun(log))
    interrupted = begun - _done(platform, execution)
    kill(platform, workers)
    for worker in workers:
        worker.go_on()
    return Counter(interrupted)


def _children_of_the_first(platform: Platform, workers: list[Process]) -> None:
    workers[0].kill_children()


def _children_of_both(platform: Platform, workers: list[Process]) -> None:
    for worker in workers:
        worker.kill_children()


def _the_first(platform: Platform, workers: list[Process]) -> None:
    assert platform.processes is not None
    workers.pop(0).kill()
    platform.processes.start_worker("worker2")


def _begun(log: Path) -> Counter[int]:
    return Counter(int(line) for line in log.read_text().split()) if log.exists() else Counter()


def _done(platform: Platform, execution: ExecutionRow) -> set[int]:
    """The items whose results are committed."""
    statement = select(frames.c.position).where(
        frames.c.execution_id == execution.id, frames.c.phase == Phase.SUCCEEDED
    )
    with platform.engine.database.reading() as connection:
        return set(connection.scalars(statement)) - {None}
