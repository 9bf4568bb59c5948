"""The functions around task tokens, over local stores."""

from pathlib import Path

import pytest

from tests.bags import directory_storage
from tests.clocks import FakeClock
from tests.unit.smart_statebag.callbacks.desk import CallbackDesk, token_table


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CallbackDesk:
    monkeypatch.delenv("TASK_TOKEN_TTL_SECONDS", raising=False)
    clock = FakeClock()
    return CallbackDesk(
        storage=directory_storage(tmp_path / "objects", clock),
        clock=clock,
        table=token_table(tmp_path / "tables.db", clock),
    )
