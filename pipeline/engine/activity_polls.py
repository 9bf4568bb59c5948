"""The polls of activity workers (GetActivityTask) that wait in this process.

A poll lasts up to a minute and holds no thread. The polls of one activity queue up, and only the
first of them queries the ledger: so the worker that has waited longest is served first, and a
thousand idle workers cost the ledger no more than one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from pipeline.integrations.request_errors import RejectedRequest

MAX_POLLS = 1000
"""AWS's limit of workers that poll for the tasks of one activity at the same time."""


class ActivityWorkerLimitExceeded(RejectedRequest):
    """Too many workers poll for the tasks of one activity."""

    code = "ActivityWorkerLimitExceeded"

    def __init__(self) -> None:
        super().__init__(
            "The maximum number of workers concurrently polling for activity tasks "
            f"has been reached: {MAX_POLLS}"
        )


class _Line:
    """The queue of polls of one activity."""

    def __init__(self) -> None:
        self.length = 0
        self.loop = asyncio.get_running_loop()
        self.turn = asyncio.Lock()
        self.bell = asyncio.Event()

    @contextmanager
    def queued(self) -> Iterator[None]:
        """Count a poll in the queue for as long as the block lasts.

        Raises:
            ActivityWorkerLimitExceeded: The queue is full.
        """
        if self.length >= MAX_POLLS:
            raise ActivityWorkerLimitExceeded
        self.length += 1
        try:
            yield
        finally:
            self.length -= 1

    def ring(self) -> None:
        """Make the first poll query the ledger. Any thread may call this."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.bell.set)

    async def heard(self, seconds: float) -> None:
        """Wait for the bell, for at most so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.bell.wait()
        except TimeoutError:
            return


class ActivityPolls:
    """The queues of polls, by the ARN of the activity; each lives as long as a poll is in it."""

    def __init__(self) -> None:
        self._lines: WeakValueDictionary[str, _Line] = WeakValueDictionary()

    def ring(self, activity_arn: str) -> None:
        """Announce a task that this process offers; polls find those of other processes."""
        line = self._lines.get(activity_arn)
        if line is not None:
            line.ring()

    @asynccontextmanager
    async def first(self, activity_arn: str, deadline: float) -> AsyncIterator[_Line]:
        """Wait until this poll is the first in the queue.

        Args:
            activity_arn: ARN of the activity.
            deadline: The time, by the event loop's clock, at which the poll gives up.

        Raises:
            ActivityWorkerLimitExceeded: The queue is full.
            TimeoutError: The deadline passed.
        """
        line = self._lines.get(activity_arn)
        if line is None:
            line = self._lines[activity_arn] = _Line()
        with line.queued():
            async with asyncio.timeout_at(deadline):
                await line.turn.acquire()
            try:
                yield line
            finally:
                line.turn.release()
