"""Limits of a map run that are changed while it runs, in both modes.

Each child execution offers a task to an activity, so the test decides when each of them ends.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pipeline.activities import ActivityTask, create_activity, take_task
from pipeline.ledger import map_runs as rows
from pipeline.ledger.rows import ExecutionRow, FanOutRow, FanOutStatus
from pipeline.ledger.schema import frames
from pipeline.map_run_status import (
    MapRunDoesNotExist,
    MapRunHasEnded,
    change_limits,
    count,
    find_map_run,
)
from tests.machines import distributed, each, only
from tests.platforms import Platform

ITEMS = 8


class Painters:
    """A distributed Map whose children wait for a worker."""

    def __init__(self, platform: Platform, **fields: Any) -> None:
        name, account = f"paint-{uuid4().hex[:8]}", "000000000000"
        engine = platform.engine
        self.platform = platform
        self.activity = create_activity(
            engine, name=name, region="us-east-1", account_id=account
        ).arn
        task = {"Type": "Task", "Resource": self.activity, "End": True}
        self.execution: ExecutionRow = platform.start(
            only(each(distributed(task), **fields)), list(range(ITEMS))
        )
        self.tasks: list[ActivityTask] = []

    @property
    def run(self) -> FanOutRow:
        """The map run as it is now."""
        execution_id = self.execution.id
        with self.platform.engine.database.reading() as connection:
            found = rows.map_runs_of(connection, execution_id, execution_id, after=None, limit=2)
        assert len(found) == 1
        return found[0]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.run.arn or ""

    def offered(self) -> int:
        """How many children wait for a worker to take their task."""
        statement = select(func.count()).where(frames.c.activity_arn == self.activity)
        with self.platform.engine.database.reading() as connection:
            return connection.scalar(statement) or 0

    def await_offers(self, number: int) -> None:
        """Wait until so many children wait for a worker."""
        self.platform.until(
            lambda: self.offered() == number, what=lambda: f"{number} offers, not {self.offered()}"
        )

    def take(self, number: int) -> list[ActivityTask]:
        """Take so many tasks, as soon as they are offered."""
        taken: list[ActivityTask] = []

        def one() -> bool:
            task = take_task(self.platform.engine, self.activity, None)
            if task is not None:
                taken.append(task)
            return task is not None

        for _ in range(number):
            self.platform.until(one)
        return taken

    def paint(self, number: int) -> None:
        """Take and answer so many tasks, one after the other."""
        for _ in range(number):
            for task in self.take(1):
                self.platform.send_task_success(task.token, task.input)

    def fail(self, number: int) -> None:
        """Take and fail so many tasks, one after the other."""
        for _ in range(number):
            for task in self.take(1):
                self.platform.send_task_failure(task.token, "Spilled", "")


@pytest.fixture
def one_at_a_time(platform: Platform) -> Iterator[Painters]:
    """A run of one child at a time."""
    painters = Painters(platform, MaxConcurrency=1)
    painters.await_offers(1)
    return painters


def test_a_raised_concurrency_starts_more_children(one_at_a_time: Painters) -> None:
    painters, engine = one_at_a_time, one_at_a_time.platform.engine
    change_limits(engine, painters.arn, max_concurrency=3)
    painters.await_offers(3)
    assert painters.run.max_concurrency == 3
    counts = count(engine, painters.run).executions
    assert (counts.running, counts.pending, counts.total) == (3, ITEMS - 3, ITEMS)
    painters.paint(ITEMS)
    assert painters.platform.wait(painters.execution).output == list(range(ITEMS))
    assert painters.run.status is FanOutStatus.SUCCEEDED


def test_a_lowered_concurrency_holds_as_children_end_and_can_be_raised_again(
    platform: Platform,
) -> None:
    painters = Painters(platform, MaxConcurrency=4)
    painters.await_offers(4)
    change_limits(platform.engine, painters.arn, max_concurrency=1)
    running = painters.take(4)
    for task in running:
        platform.send_task_success(task.token, task.input)
    painters.await_offers(1)
    assert count(platform.engine, painters.run).executions.running == 1
    change_limits(platform.engine, painters.arn, max_concurrency=2)
    painters.await_offers(2)
    painters.paint(ITEMS - 4)
    assert platform.wait(painters.execution).output == list(range(ITEMS))


def test_failures_that_are_tolerated_meanwhile_do_not_fail_the_state(
    one_at_a_time: Painters,
) -> None:
    painters = one_at_a_time
    change_limits(painters.platform.engine, painters.arn, tolerated_count=1)
    painters.fail(1)
    painters.paint(ITEMS - 1)
    assert painters.platform.wait(painters.execution).status == "SUCCEEDED"
    items = count(painters.platform.engine, painters.run).items
    assert (items.failed, items.succeeded) == (1, ITEMS - 1)


def test_failures_that_are_not_tolerated_any_more_fail_the_state_at_once(
    platform: Platform,
) -> None:
    painters = Painters(platform, MaxConcurrency=1, ToleratedFailurePercentage=50)
    painters.fail(2)
    painters.await_offers(1)
    change_limits(platform.engine, painters.arn, tolerated_percentage=10)
    ended = platform.wait(painters.execution)
    assert ended.error == "States.ExceedToleratedFailureThreshold"
    run = painters.run
    assert run.status is FanOutStatus.FAILED
    counts = count(platform.engine, run).executions
    assert (counts.failed, counts.aborted, counts.running) == (2, 1, 0)


def test_a_run_that_has_ended_or_never_was_keeps_its_limits(one_at_a_time: Painters) -> None:
    painters, engine = one_at_a_time, one_at_a_time.platform.engine
    painters.paint(ITEMS)
    painters.platform.wait(painters.execution)
    with pytest.raises(MapRunHasEnded):
        change_limits(engine, painters.arn, max_concurrency=2)
    with pytest.raises(MapRunDoesNotExist):
        change_limits(engine, f"{painters.arn}0", max_concurrency=2)
    with pytest.raises(MapRunDoesNotExist):
        find_map_run(engine, f"{painters.arn}0")
