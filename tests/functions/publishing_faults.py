"""Faults of a broker, made at the place where an application publishes."""

import random
import threading
from typing import Any

from celery import Celery


def publish_twice(app: Celery) -> None:
    """Have every message of an application published twice, the second copy at once."""
    publish = app.amqp.send_task_message

    def twice(*args: Any, **options: Any) -> Any:
        publish(*args, **options)
        return publish(*args, **options)

    app.amqp.send_task_message = twice


class LossyPublishing:
    """Loses a share of the messages that an application publishes."""

    def __init__(self, app: Celery, share: float, seed: int) -> None:
        self.lost: list[str] = []
        self._share = share
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._publish = app.amqp.send_task_message
        app.amqp.send_task_message = self._perhaps

    def _perhaps(self, producer: Any, name: str, message: Any, **options: Any) -> Any:
        with self._lock:
            is_lost = self._random.random() < self._share
        if is_lost:
            self.lost.append(name)
            return None
        return self._publish(producer, name, message, **options)
