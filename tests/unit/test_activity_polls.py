"""The workers that wait for the tasks of an activity in one process."""

import asyncio

import pytest

from pipeline.engine.activity_polls import MAX_POLLS, ActivityPolls, ActivityWorkerLimitExceeded

PAINT = "arn:aws:states:eu-west-1:123456789012:activity:paint"


def test_a_thousand_workers_stand_in_line_and_no_more() -> None:
    asyncio.run(crowd())


async def crowd() -> None:
    polls, leave = ActivityPolls(), asyncio.Event()
    deadline = asyncio.get_running_loop().time() + 60

    async def poll(arn: str) -> None:
        async with polls.first(arn, deadline):
            await leave.wait()

    line = [asyncio.ensure_future(poll(PAINT)) for _ in range(MAX_POLLS)]
    await asyncio.sleep(0)  # until all of them stand there
    with pytest.raises(ActivityWorkerLimitExceeded):
        await poll(PAINT)
    leave.set()
    await poll("another")
    await asyncio.gather(*line)
    await poll(PAINT)
