"""Limits of a map run that are changed while it runs, in both modes.

Each child execution offers a task to an activity, so the test decides when each of them ends.
"""

from collections.abc import Iterator

import pytest

from pipeline.ledger.rows import FanOutStatus
from pipeline.map_runs.status import (
    MapRunDoesNotExist,
    MapRunHasEnded,
    change_limits,
    count,
    find_map_run,
)
from tests.painters import ITEMS, Painters
from tests.platforms import Platform


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
