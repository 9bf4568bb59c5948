"""A state bucket in a directory, and time that only moves when it is told to."""

from pathlib import Path

import pytest

from tasks.smart_statebag.bag.storage import StateStorage
from tests.bags import directory_storage
from tests.clocks import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def storage(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> StateStorage:
    for name in ("DISTRIBUTED_FAILURE_POLICY", "LAMBDA_EARLY_EXIT_MS"):
        monkeypatch.delenv(name, raising=False)
    return directory_storage(tmp_path, clock)
