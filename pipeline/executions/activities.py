"""Activities: tasks for workers that ask for them.

AWS Step Functions Developer Guide, "Activities". A task that waits for a worker is a frame that
offers it; the worker that moves the frame on gets the task. A frame that has moved on, because
it timed out or was stopped, offers nothing any more.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pipeline.engine.activity_polls import ActivityPolls
from pipeline.engine.engine import Engine
from pipeline.executor.advance import advance_burst
from pipeline.executor.burst import Burst
from pipeline.executor.message import Message
from pipeline.executor.publishing import publish
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.frame import Phase
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Taken
from pipeline.ledger import activities as rows
from pipeline.ledger import frames
from pipeline.ledger.activities import ActivityRow
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.tags import delete_tags
from pipeline.ledger.transition import Overtaken
from pipeline.state_machines.tags import write_tags

MAX_ACTIVITIES = 10_000
"""Activities that an account may have in a region."""

UNENCRYPTED: Mapping[str, Any] = MappingProxyType({"type": "AWS_OWNED_KEY"})
"""The encryption configuration of who gives none."""

LOOK_SECONDS = 0.5
"""How often a poll looks for tasks that another process has offered."""


class ActivityAlreadyExists(RejectedRequest):
    """An activity of this name exists with another encryption configuration."""

    code = "ActivityAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"Activity Already Exists: '{arn}' has a different encryption configuration"
        )


class ActivityLimitExceeded(RejectedRequest):
    """An account has as many activities in a region as it may have."""

    code = "ActivityLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(f"The maximum number of activities has been reached: {most}")


class ActivityDoesNotExist(RejectedRequest):
    """There is no activity with this ARN."""

    code = "ActivityDoesNotExist"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Activity Does Not Exist: '{arn}'")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTask:
    """A task that a worker has taken."""

    token: str
    input: Json


def create_activity(
    engine: Engine,
    *,
    name: str,
    region: str,
    account_id: str,
    encryption_configuration: Mapping[str, Any] = UNENCRYPTED,
    tags: Mapping[str, str] = MappingProxyType({}),
) -> ActivityRow:
    """Create an activity; again with the same encryption, nothing changes.

    Raises:
        ActivityLimitExceeded: The account has as many as it may have.
        TooManyTags: There are more tags than an activity may have.
        ActivityAlreadyExists: The name is taken by one with another encryption configuration.
    """
    row = ActivityRow(
        arn=f"arn:aws:states:{region}:{account_id}:activity:{name}",
        name=name,
        region=region,
        account_id=account_id,
        encryption_configuration=dict(encryption_configuration),
        created_at=engine.clock(),
    )
    with engine.database.durable() as connection:
        if rows.insert_activity(connection, row):
            if rows.count_activities(connection, account_id, region) > MAX_ACTIVITIES:
                raise ActivityLimitExceeded(MAX_ACTIVITIES)
            write_tags(connection, row.arn, tags)
            return row
        existing = rows.find_activity(connection, row.arn)
    if existing is None or existing.encryption_configuration != row.encryption_configuration:
        raise ActivityAlreadyExists(row.arn)
    return existing


def find_activity(engine: Engine, arn: str) -> ActivityRow:
    """The activity with this ARN.

    Raises:
        ActivityDoesNotExist: There is none.
    """
    return engine.database.required(rows.find_activity, arn, ActivityDoesNotExist)


def delete_activity(engine: Engine, arn: str) -> None:
    """Delete an activity, if there is one; tasks that wait for its workers go on waiting."""
    with engine.database.durable() as connection:
        rows.delete_activity(connection, arn)
        delete_tags(connection, arn)


async def await_task(
    engine: Engine, arn: str, worker_name: str | None, patience_seconds: float
) -> ActivityTask | None:
    """The next task of an activity as soon as there is one, or None when patience ends.

    Args:
        arn: ARN of the activity.
        worker_name: What the worker calls itself, for the history.
        patience_seconds: How long to wait.

    Raises:
        ActivityWorkerLimitExceeded: As many workers wait in this process as may.
    """
    polls: ActivityPolls = engine.activity_polls
    deadline = asyncio.get_running_loop().time() + patience_seconds
    try:
        async with polls.first(arn, deadline) as line:
            while True:
                line.bell.clear()
                task = await _uncancelled(asyncio.to_thread(take_task, engine, arn, worker_name))
                left = deadline - line.loop.time()
                if task is not None or left <= 0:
                    return task
                await line.heard(min(left, LOOK_SECONDS))
    except TimeoutError:
        return None


async def _uncancelled(taking: Coroutine[Any, Any, ActivityTask | None]) -> ActivityTask | None:
    """Carry the taking of a task to its end: what was taken must be given out."""
    running = asyncio.ensure_future(taking)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        task = await running
        if task is None:
            raise
        return task


def take_task(engine: Engine, arn: str, worker_name: str | None) -> ActivityTask | None:
    """Give a worker the task of an activity that was offered first; None if there is none."""
    while True:
        with engine.database.reading() as connection:
            offer = frames.oldest_offer(connection, arn)
        if offer is None:
            return None
        task = _take(engine, offer, worker_name)
        if task is not None:
            return task


def _take(engine: Engine, offer: FrameRow, worker_name: str | None) -> ActivityTask | None:
    """Move the frame of a task on; None if another worker has it, or if it has timed out."""
    execution = engine.executions.cached(offer.execution_id)
    frame = engine.frame(offer)
    burst = Burst(machine=execution.machine, execution=execution.context, row=offer, frame=frame)
    try:
        publish(engine, advance_burst(engine, burst, Taken(worker_name=worker_name), Message()))
    except Overtaken:
        return None
    taken = burst.frame
    if taken.phase is not Phase.SUBMITTED or taken.token is None or taken.invocation is None:
        return None
    return ActivityTask(token=taken.token, input=taken.invocation.arguments)
