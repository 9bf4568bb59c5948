"""A state bucket in a directory and time that only moves when told to."""

import pytest

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.storage import StateStorage
from tests.unit.smart_statebag.segments.machines import Machines


class StillClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@pytest.fixture
def machines(tmp_path) -> Machines:
    clock = StillClock()
    return Machines(StateStorage(DirectoryStore(tmp_path, "bucket"), clock=clock), clock)
