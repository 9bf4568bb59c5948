"""Who waits for the tasks of activities in this process.

A poll lasts up to a minute and holds no thread. The polls of one activity stand in a line, and
only the first of them looks: so the longest waiting worker is served first, and a thousand idle
workers cost the ledger no more than one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from pipeline.integrations.request_errors import RejectedRequest

MAX_POLLS = 1000
"""Workers that may ask for the tasks of one activity at the same time."""


class ActivityWorkerLimitExceeded(RejectedRequest):
    """As many workers ask for the tasks of an activity as may do so at once."""

    code = "ActivityWorkerLimitExceeded"

    def __init__(self) -> None:
        super().__init__(
            "The maximum number of workers concurrently polling for activity tasks "
            f"has been reached: {MAX_POLLS}"
        )


class _Line:
    """The polls of one activity."""

    def __init__(self) -> None:
        self.length = 0
        self.loop = asyncio.get_running_loop()
        self.turn = asyncio.Lock()
        self.bell = asyncio.Event()

    @contextmanager
    def queued(self) -> Iterator[None]:
        """Stand in line.

        Raises:
            ActivityWorkerLimitExceeded: It is as long as it may be.
        """
        if self.length >= MAX_POLLS:
            raise ActivityWorkerLimitExceeded
        self.length += 1
        try:
            yield
        finally:
            self.length -= 1

    def ring(self) -> None:
        """Have the first poll look; from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.bell.set)

    async def heard(self, seconds: float) -> None:
        """Wait for the bell, but not longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self.bell.wait()
        except TimeoutError:
            return


class ActivityPolls:
    """The lines of polls, by the ARN of the activity; each lives while a poll stands in it."""

    def __init__(self) -> None:
        self._lines: WeakValueDictionary[str, _Line] = WeakValueDictionary()

    def ring(self, activity_arn: str) -> None:
        """Say that a task is offered; what other processes offer is found without the bell."""
        line = self._lines.get(activity_arn)
        if line is not None:
            line.ring()

    @asynccontextmanager
    async def first(self, activity_arn: str, deadline: float) -> AsyncIterator[_Line]:
        """Wait to be the first in line.

        Args:
            activity_arn: ARN of the activity.
            deadline: Time of the event loop's clock until which the poll waits.

        Raises:
            ActivityWorkerLimitExceeded: The line is as long as it may be.
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
