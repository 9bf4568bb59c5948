"""The states that an execution entered, as its history in AWS's shape tells them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Thread: TypeAlias = tuple[int, int] | None
"""Which Map state visited (counted from 0) and which of its iterations; None at the top level."""

JOINS = frozenset({"MapStateSucceeded", "MapStateFailed", "MapStateAborted", "MapStateExited"})


@dataclass(slots=True)
class Route:
    """The order of entered states.

    Iterations run side by side, so their states have an order only within each of them.

    Attributes:
        top: Names at the top level.
        iterations: For each visit of a Map and each of its items, the names within.
    """

    top: list[str] = field(default_factory=list)
    iterations: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def enter(self, name: str, thread: Thread) -> None:
        """Add a state to the top level or to an iteration."""
        names = self.top if thread is None else self.iterations.setdefault(thread, [])
        names.append(name)


def route_of(events: Iterable[Mapping[str, Any]]) -> Route:
    """The route of an execution whose Maps are not nested (GetExecutionHistory's events)."""
    route = Route()
    threads: dict[int, Thread] = {0: None}
    visit = -1
    for event in events:
        kind = event["type"]
        thread = None if kind in JOINS else threads[event["previousEventId"]]
        if kind == "MapIterationStarted":
            thread = (visit, event["mapIterationStartedEventDetails"]["index"])
        visit += kind == "MapStateEntered"
        threads[event["id"]] = thread
        if kind.endswith("StateEntered"):
            route.enter(event["stateEnteredEventDetails"]["name"], thread)
    return route
