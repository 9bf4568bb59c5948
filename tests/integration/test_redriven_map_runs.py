"""Map runs that are redriven, embedded: what runs again, within which limits, and what is told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from pipeline.executions.lifecycle import find_execution, stop_execution
from pipeline.executions.redriving import redrive
from pipeline.executions.revived_frames import MAX_REDRIVES
from pipeline.interpreter.interpreter import MAX_EVENTS
from pipeline.language.data_limits import MAX_BYTES
from pipeline.ledger import history, map_runs
from pipeline.ledger.rows import ExecutionRow, FanOutRow, FanOutStatus
from pipeline.ledger.schema import fan_outs, frames
from pipeline.map_runs.status import change_limits, count
from tests.machines import call, distributed, each, only, side_by_side
from tests.painters import ITEMS, Painters
from tests.platforms import Ended, Platform, embedded_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    directory = tmp_path_factory.mktemp("redriven")
    with embedded_platform(directory, sweep_interval_seconds=0.25) as platform:
        yield platform


def again(platform: Platform, execution: ExecutionRow) -> None:
    """Redrive an execution when it has ended."""
    platform.wait(execution)
    redrive(platform.engine, find_execution(platform.engine, execution.arn))


def redriven(platform: Platform, execution: ExecutionRow) -> Ended:
    """What an execution comes to when it is redriven."""
    again(platform, execution)
    return platform.wait(execution)


def run_of(platform: Platform, execution: ExecutionRow) -> FanOutRow:
    with platform.engine.database.reading() as connection:
        (found,) = map_runs.map_runs_of(connection, execution.id, execution.id, after=None, limit=9)
    return found


def attempts(platform: Platform, name: str, wanted: int) -> dict[str, Any]:
    """Input with which ``fail-first`` fails but the last of so many times."""
    return {"log": str(platform.path(name)), "attempts": wanted}


def calls(given: dict[str, Any]) -> int:
    return len(Path(given["log"]).read_text().splitlines())


def express(start_at: str, **states: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    return {"ProcessorConfig": config, "StartAt": start_at, "States": states}


def test_limits_that_are_changed_hold_for_what_runs_again(platform: Platform) -> None:
    painters = Painters(platform, MaxConcurrency=4)
    painters.await_offers(4)
    painters.fail(1)
    again(platform, painters.execution)
    painters.await_offers(4)
    change_limits(platform.engine, painters.arn, max_concurrency=1)
    # One that was aborted, another that had not begun: both count.
    for task in painters.take(4):
        platform.send_task_success(task.token, task.input)
    painters.await_offers(1)
    assert count(platform.engine, painters.run).executions.running == 1
    change_limits(platform.engine, painters.arn, max_concurrency=3)
    painters.await_offers(3)
    painters.paint(ITEMS - 4)
    assert platform.wait(painters.execution).output == list(range(ITEMS))


def test_children_are_counted_in_each_attempt(platform: Platform) -> None:
    painters = Painters(platform, MaxConcurrency=4)
    painters.await_offers(4)
    painters.fail(1)
    platform.wait(painters.execution)
    counts = count(platform.engine, painters.run).executions
    # A lane may have begun another one before the state heard of the failure.
    assert (counts.failed, counts.aborted + counts.pending) == (1, ITEMS - 1)
    again(platform, painters.execution)
    painters.await_offers(4)
    counts = count(platform.engine, painters.run).executions
    assert (counts.failed, counts.aborted, counts.running) == (0, 0, 4)
    assert counts.pending + counts.pending_redrive == ITEMS - 4
    stop_execution(platform.engine, painters.execution.arn)
    again(platform, painters.execution)
    painters.await_offers(4)
    painters.paint(ITEMS)
    assert platform.wait(painters.execution).status == "SUCCEEDED"
    run = painters.run
    assert (run.redrive_count, run.status) == (2, FanOutStatus.SUCCEEDED)
    counts = count(platform.engine, run).executions
    assert (counts.succeeded, counts.pending_redrive, counts.aborted) == (ITEMS, 0, 0)


def test_a_record_tells_how_often_its_child_was_redriven(platform: Platform) -> None:
    writer = {"WriterConfig": {"Transformation": "NONE"}}
    state = each(distributed(call("fail-first")), ResultWriter=writer, MaxConcurrency=1)
    given = [attempts(platform, "good", 1), attempts(platform, "bad", 3)]
    execution = platform.start(only(state), given)
    again(platform, execution)
    ended = redriven(platform, execution)
    assert [record["RedriveCount"] for record in ended.output] == [0, 2]


def test_express_children_run_again_from_their_start(platform: Platform) -> None:
    given = {**attempts(platform, "bad", 2), "before": str(platform.path("before"))}
    before = {"log.$": "$.before", "item": 1}
    processor = express(
        "Before",
        Before=call("log", Parameters=before, ResultPath=None, Next="Fails"),
        Fails=call("fail-first"),
    )
    execution = platform.start(only(each(processor)), [given])
    assert redriven(platform, execution).output == [2]
    assert Path(given["before"]).read_text() == "1\n1\n"


def test_a_map_run_in_a_child_of_a_map_run_goes_on_twice(platform: Platform) -> None:
    bad = attempts(platform, "bad", 3)
    inner = each(distributed(call("fail-first")), MaxConcurrency=1)
    branches = side_by_side(only(inner), only({"Type": "Pass", "End": True}))
    execution = platform.start(
        only(each(distributed(branches))), [[attempts(platform, "good", 1), bad]]
    )
    again(platform, execution)
    ended = redriven(platform, execution)
    assert (ended.status, ended.output[0][0]) == ("SUCCEEDED", [1, 3])
    assert calls(bad) == 3


def test_results_beyond_the_limit_let_all_children_run_again(platform: Platform) -> None:
    log = platform.path("log")
    large = {"Type": "Pass", "Parameters": {"x": "x" * (MAX_BYTES // 2)}, "End": True}
    processor = distributed(large)
    (name,) = processor["States"]
    processor |= {"StartAt": "Log", "States": {"Log": call("log", Next=name), name: large}}
    selector = {"item.$": "$$.Map.Item.Value", "log": str(log)}
    state = each(processor, ItemSelector=selector, ToleratedFailurePercentage=100)
    execution = platform.start(only(state), [1, 2, 3])
    assert platform.wait(execution).error == "States.DataLimitExceeded"
    assert redriven(platform, execution).error == "States.DataLimitExceeded"
    assert len(log.read_text().splitlines()) == 6


def test_a_map_run_is_redriven_a_thousand_times_at_most(platform: Platform) -> None:
    bad = attempts(platform, "bad", 9)
    execution = platform.start(only(each(distributed(call("fail-first")))), [bad])
    platform.wait(execution)
    with platform.engine.database.durable() as connection:
        connection.execute(
            update(fan_outs)
            .where(fan_outs.c.execution_id == execution.id)
            .values(redrive_count=MAX_REDRIVES)
        )
    for _ in range(2):
        ended = redriven(platform, execution)
        assert (ended.status, ended.error) == ("FAILED", "States.Runtime")
    assert calls(bad) == 1
    run = run_of(platform, execution)
    assert (run.status, run.redrive_count) == (FanOutStatus.FAILED, MAX_REDRIVES)
    assert "MapRunRedriven" not in platform.types(execution)


def test_a_child_without_room_in_its_history_has_failed_for_good(platform: Platform) -> None:
    bad, good = attempts(platform, "bad", 2), attempts(platform, "good", 1)
    state = each(distributed(call("fail-first")), MaxConcurrency=1)
    execution = platform.start(only(state), [bad, good])
    platform.wait(execution)
    engine, run = platform.engine, run_of(platform, execution)
    child_id = f"{run.id}.0"
    with engine.database.durable() as connection:
        (_, last), *_ = list(history.batches_of(connection, child_id))[::-1]
        history.append(connection, [replace(last, length=MAX_EVENTS)])
    counts = count(engine, run)
    assert (counts.executions.not_redrivable, counts.items.not_redrivable) == (1, 1)
    ended = redriven(platform, execution)
    assert ended.error == "States.ExceedToleratedFailureThreshold"
    assert calls(bad) == 1


def test_a_failure_whose_message_was_lost_fails_the_state_while_others_run(
    platform: Platform,
) -> None:
    wait = only({"Type": "Wait", "Seconds": 3600, "End": True})
    execution = platform.start(only(each(wait, MaxConcurrency=2)), [1, 2, 3, 4])
    platform.until(lambda: platform.types(execution).count("WaitStateEntered") == 2)
    with platform.engine.database.durable() as connection:
        connection.execute(
            update(frames)
            .where(frames.c.execution_id == execution.id, frames.c.position == 0)
            .values(phase="FAILED", error="Lost", cause="", wake_at=None)
        )
        # As if it was looked at for long.
        connection.execute(
            update(frames).where(frames.c.id == execution.id).values(wake_ups=16, wake_at=0.0)
        )
    assert platform.wait(execution).error == "Lost"


def test_the_cause_names_the_event_by_which_the_state_was_entered(platform: Platform) -> None:
    state = {"Type": "Pass", "InputPath": "$.missing", "End": True}
    execution = platform.start(only(state), {})
    first = platform.wait(execution).cause
    assert "(entered at the event id #2)" in (first or "")
    assert redriven(platform, execution).cause == first
