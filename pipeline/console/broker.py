"""What the broker and the workers say of themselves, asked with little patience."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

_TIMEOUT_SECONDS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """A task that a worker runs.

    Attributes:
        started_at: Epoch seconds, or None where the worker does not say.
    """

    worker: str
    id: str
    name: str
    started_at: float | None


def queue_depths(app: Celery, queues: list[str]) -> Mapping[str, int | None]:
    """The messages that wait in each queue; None where the broker does not say."""
    depths: dict[str, int | None] = dict.fromkeys(queues)
    try:
        with app.connection_for_read(connect_timeout=_TIMEOUT_SECONDS) as connection:
            for queue in queues:
                depths[queue] = _depth(connection, queue)
    except (OperationalError, OSError):
        return depths
    return depths


def _depth(connection: Any, queue: str) -> int | None:
    channel = connection.channel()
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:  # no worker has declared it yet
        return None
    finally:
        channel.close()


def running_tasks(app: Celery) -> list[RunningTask]:
    """The tasks that the workers run, as far as these answer in time."""
    try:
        answers = app.control.inspect(timeout=_TIMEOUT_SECONDS).active() or {}
    except (OperationalError, OSError):
        return []
    return [
        RunningTask(
            worker=worker, id=task["id"], name=task["name"], started_at=task.get("time_start")
        )
        for worker, tasks in answers.items()
        for task in tasks
    ]
