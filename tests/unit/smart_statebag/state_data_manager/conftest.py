"""StateDataManager over a state bucket in a directory."""

from pathlib import Path

import pytest

from tests.bags import directory_storage
from tests.clocks import FakeClock
from tests.unit.smart_statebag.state_data_manager.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name in ("MAX_PAYLOAD_SIZE_KB", "DISTRIBUTED_FAILURE_POLICY"):
        monkeypatch.delenv(name, raising=False)
    clock = FakeClock()
    return Desk(storage=directory_storage(tmp_path, clock), clock=clock)
