"""Activities end to end, in both modes: workers ask for tasks and answer their tokens."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from pipeline.executions import activities, task_tokens
from pipeline.executions.activities import ActivityTask, await_task, create_activity, take_task
from pipeline.executions.lifecycle import stop_execution
from pipeline.executions.task_tokens import TaskTimedOut
from tests.machines import call, each, only, side_by_side
from tests.platforms import PATIENCE, Platform


@pytest.fixture
def arn(platform: Platform) -> str:
    """ARN of a fresh activity."""
    name, account = f"paint-{uuid4().hex[:8]}", "000000000000"
    row = create_activity(platform.engine, name=name, region="us-east-1", account_id=account)
    return row.arn


def painted(arn: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": arn, "End": True, **fields}


def take(platform: Platform, arn: str) -> ActivityTask:
    task = asyncio.run(await_task(platform.engine, arn, "ada", PATIENCE))
    assert task is not None
    return task


def test_a_worker_takes_a_task_and_answers_it(platform: Platform, arn: str) -> None:
    execution = platform.start(only(painted(arn)), {"colour": "red"})
    task = take(platform, arn)
    assert task.input == {"colour": "red"}
    task_tokens.send_task_heartbeat(platform.engine, task.token)
    platform.send_task_success(task.token, "painted")
    assert platform.wait(execution).output == "painted"
    history = platform.history(execution)
    assert [event.details for event in history if event.type == "ActivityStarted"] == [
        {"workerName": "ada"}
    ]
    with pytest.raises(TaskTimedOut):
        platform.send_task_success(task.token, "again")


def test_tasks_in_branches_and_iterations_are_given_out_once_each(
    platform: Platform, arn: str
) -> None:
    machine = only(side_by_side(only(each(only(painted(arn)))), only(call("echo"))))
    execution = platform.start(machine, list(range(12)))
    taken: Counter[Any] = Counter()
    lock = threading.Lock()

    def work(_: int) -> None:
        while True:
            with lock:
                if taken.total() == 12:
                    return
            task = take_task(platform.engine, arn, None)
            if task is not None:
                with lock:
                    taken[task.input] += 1
                assert isinstance(task.input, int)
                platform.send_task_success(task.token, -task.input)

    with ThreadPoolExecutor(3) as workers:
        list(workers.map(work, range(3)))
    ended = platform.wait(execution)
    assert taken == Counter(range(12))
    assert ended.output == [[-item for item in range(12)], list(range(12))]


def test_the_worker_that_has_waited_longest_gets_the_next_task(
    platform: Platform, arn: str
) -> None:
    async def poll() -> list[ActivityTask | None]:
        polls = [
            asyncio.create_task(await_task(platform.engine, arn, name, PATIENCE))
            for name in ("first", "second")
        ]
        starts = asyncio.to_thread(
            lambda: [platform.start(only(painted(arn)), number) for number in (1, 2)]
        )
        await starts
        return list(await asyncio.gather(*polls))

    first, second = asyncio.run(poll())
    assert (first and first.input, second and second.input) == (1, 2)


def test_a_poll_ends_with_nothing_when_its_patience_does(platform: Platform, arn: str) -> None:
    async def poll_twice() -> list[ActivityTask | None]:
        return list(
            await asyncio.gather(*(await_task(platform.engine, arn, None, 0.1) for _ in range(2)))
        )

    assert asyncio.run(poll_twice()) == [None, None]


def test_a_poll_that_is_cancelled_while_it_takes_a_task_still_gives_it_out(
    platform: Platform, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.start(only(painted(arn)), "kept")
    taking, go_on = threading.Event(), threading.Event()
    plain: Callable[..., ActivityTask | None] = activities.take_task

    def held(*arguments: Any) -> ActivityTask | None:
        taking.set()
        go_on.wait(PATIENCE)
        return plain(*arguments)

    monkeypatch.setattr(activities, "take_task", held)

    async def cancel() -> ActivityTask | None:
        poll = asyncio.create_task(await_task(platform.engine, arn, None, PATIENCE))
        await asyncio.to_thread(taking.wait, PATIENCE)
        poll.cancel()
        go_on.set()
        return await poll

    task = asyncio.run(cancel())
    assert task is not None
    assert task.input == "kept"


def test_a_task_of_a_stopped_execution_is_not_given_out(platform: Platform, arn: str) -> None:
    execution = platform.start(only(painted(arn)), "stopped")
    assert stop_execution(platform.engine, execution.arn)
    assert take_task(platform.engine, arn, None) is None
    assert "TaskStateAborted" in platform.types(execution)


def test_a_task_that_nobody_takes_times_out(platform: Platform, arn: str) -> None:
    ended = platform.run(only(painted(arn, TimeoutSeconds=1)), "ignored")
    assert (ended.status, ended.error) == ("FAILED", "States.Timeout")
    assert take_task(platform.engine, arn, None) is None


def test_an_activity_that_is_not_there_fails_the_state(platform: Platform, arn: str) -> None:
    activities.delete_activity(platform.engine, arn)
    execution = platform.start(only(painted(arn)), None)
    ended = platform.wait(execution)
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith(
        f"(entered at the event id #2). The activity {arn} does not exist."
    )
    assert platform.types(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
