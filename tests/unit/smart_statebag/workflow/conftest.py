"""A clock that moves only when a test moves it, and node services without network or waiting."""

import pytest

from tasks.smart_statebag.workflow.nodes import NodeServices


class ManualClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def services(clock: ManualClock) -> NodeServices:
    return NodeServices(mock=True, clock=clock, jitter=lambda: 0.0)
