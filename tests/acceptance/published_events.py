"""The events that one execution publishes on the local event bus."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from kombu.entity import Queue

from pipeline.integrations.services.event_bus import EXCHANGE
from tests.platforms import Platform


@dataclass(slots=True, kw_only=True)
class PublishedEvents:
    """A queue bound to the whole exchange."""

    platform: Platform
    queue: Any
    arrived: list[dict[str, Any]] = field(default_factory=list)

    def of(self, arn: str) -> list[dict[str, Any]]:
        """The details of the lifecycle events of an execution so far."""
        while (message := self.queue.get(no_ack=True)) is not None:
            self.arrived.append(json.loads(message.body))
        details = [event["detail"] for event in self.arrived]
        return [detail for detail in details if detail.get("execution_id") == arn]

    def failure(self, arn: str) -> dict[str, Any]:
        """The event that tells that an execution failed, as soon as it has arrived."""

        def failures() -> list[dict[str, Any]]:
            return [detail for detail in self.of(arn) if detail["status"] == "FAILED"]

        self.platform.until(failures, what=lambda: f"a failure event of {arn}")
        (only,) = failures()
        return only


@contextmanager
def listening(platform: Platform) -> Iterator[PublishedEvents]:
    """Hear everything that is published from now on."""
    with platform.app.connection_for_read() as connection:
        make_queue: Any = Queue  # Kombu is typed in part only
        name = f"events-{uuid4().hex[:8]}"
        queue = make_queue(name, EXCHANGE, routing_key="#")(connection.default_channel)
        queue.declare()
        yield PublishedEvents(platform=platform, queue=queue)
        queue.delete()
