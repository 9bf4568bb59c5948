"""A state bucket in a directory and time that only moves when told to."""

import pytest

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.storage import StateStorage
from tests.clocks import FakeClock
from tests.machine_loops import Machines


@pytest.fixture
def machines(tmp_path) -> Machines:
    clock = FakeClock()
    return Machines(StateStorage(DirectoryStore(tmp_path, "bucket"), clock=clock), clock)
