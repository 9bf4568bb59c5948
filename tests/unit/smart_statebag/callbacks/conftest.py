"""The functions around task tokens, over local stores."""

from pathlib import Path

import pytest

from pipeline.integrations.services.local_tables import LocalTables
from tasks.smart_statebag.callbacks.tools import token_table
from tests.bags import directory_storage
from tests.clocks import FakeClock
from tests.unit.smart_statebag.callbacks.desk import CallbackDesk


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_tables: LocalTables
) -> CallbackDesk:
    monkeypatch.delenv("TASK_TOKEN_TTL_SECONDS", raising=False)
    clock = FakeClock()
    return CallbackDesk(
        storage=directory_storage(tmp_path / "objects", clock),
        clock=clock,
        table=token_table(),
    )
