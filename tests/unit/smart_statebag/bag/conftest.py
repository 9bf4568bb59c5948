"""A state bucket in a directory."""

from pathlib import Path

import pytest

from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import directory_storage
from tests.clocks import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def storage(tmp_path: Path, clock: FakeClock) -> StateStorage:
    return directory_storage(tmp_path, clock)
