"""A distributed Map whose children wait for workers of an activity, which are the test."""

from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from pipeline.executions.activities import ActivityTask, create_activity, take_task
from pipeline.ledger import map_runs as rows
from pipeline.ledger.rows import ExecutionRow, FanOutRow
from pipeline.ledger.schema import frames
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
