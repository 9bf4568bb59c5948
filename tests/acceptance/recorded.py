"""What an execution of the Smart StateBag has left in its history and in the state bucket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tasks.smart_statebag.bag.hydrator import hydrate_history
from tasks.smart_statebag.bag.state_bucket import load_from_s3, state_storage
from tests.platforms import Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a function or service by a Task state that succeeded."""

    state: str
    resource: str
    given: Any
    result: Any


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An execution that has ended.

    Attributes:
        arn: Its ARN.
        ended: How it ended.
        events: Its history in AWS's shape.
        children: The histories of the child executions of its distributed Maps.
    """

    arn: str
    ended: Ended
    events: list[dict[str, Any]]
    children: list[list[dict[str, Any]]]

    def entered(self, name: str) -> list[Any]:
        """The inputs that a state was entered with."""
        details = (event.get("stateEnteredEventDetails") for event in self.every_event())
        return [json.loads(each["input"]) for each in details if each and each["name"] == name]

    def exited(self, name: str) -> list[Any]:
        """The outputs that a state was left with."""
        details = (event.get("stateExitedEventDetails") for event in self.every_event())
        return [json.loads(each["output"]) for each in details if each and each["name"] == name]

    @property
    def states(self) -> list[str]:
        """Names of the states of the execution itself in the order they were entered."""
        details = (event.get("stateEnteredEventDetails") for event in self.events)
        return [each["name"] for each in details if each]

    @cached_property
    def calls(self) -> list[Call]:
        """Every call that succeeded."""
        return [call for events in (self.events, *self.children) for call in _calls(events)]

    def calls_of(self, *states: str) -> list[Call]:
        """The calls by some states."""
        return [call for call in self.calls if call.state in states]

    def every_event(self) -> Iterator[dict[str, Any]]:
        """The events of the execution, then those of its children."""
        yield from self.events
        for child in self.children:
            yield from child

    def documents(self) -> Iterator[str]:
        """The text of every input, output and parameter in the histories."""
        for event in self.every_event():
            for details in event.values():
                if isinstance(details, dict):
                    names = ("input", "output", "parameters", "cause")
                    yield from (details[name] for name in names if name in details)

    @cached_property
    def bags(self) -> list[Any]:
        """The main bag as each state of the execution got it."""
        details = (event.get("stateEnteredEventDetails") for event in self.events)
        found = (json.loads(each["input"]).get("state_data") for each in details if each)
        # A branch has a smaller bag, with no history of its own.
        return [bag for bag in found if isinstance(bag, dict) and "state_history" in bag]

    @property
    def bag(self) -> Any:
        """The bag as the last state got it that had one."""
        return self.bags[-1]

    @property
    def final_state(self) -> Any:
        """The document of the final state."""
        return load_from_s3(self.bag["state_s3_path"])

    @property
    def log(self) -> list[Any]:
        """The complete history of the segments, archived entries too."""
        return hydrate_history(self.bag, state_storage())

    @property
    def notifications(self) -> list[Any]:
        """The events that were published, with whole details."""
        puts = (call.given["Entries"] for call in self.calls if call.resource == "putEvents")
        return [entry for entries in puts for entry in entries]


def _calls(events: list[dict[str, Any]]) -> Iterator[Call]:
    by_id = {event["id"]: event for event in events}
    for event in events:
        if event["type"] == "TaskSucceeded":
            scheduled = _before(event, "TaskScheduled", by_id)["taskScheduledEventDetails"]
            entered = _before(event, "TaskStateEntered", by_id)["stateEnteredEventDetails"]
            given = json.loads(scheduled["parameters"])
            result = json.loads(event["taskSucceededEventDetails"]["output"])
            is_function = scheduled["resource"] == "invoke"
            yield Call(
                state=entered["name"],
                resource=scheduled["resource"],
                given=given.get("Payload", given),
                result=result["Payload"] if is_function else result,
            )


def _before(event: dict[str, Any], kind: str, by_id: dict[int, dict[str, Any]]) -> dict[str, Any]:
    while event["type"] != kind:
        event = by_id[event["previousEventId"]]
    return event
