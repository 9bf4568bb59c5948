"""An idempotency table in a local file."""

from pathlib import Path

import pytest

from tasks.smart_statebag.tables import IDEMPOTENCY, Table
from tasks.smart_statebag.tables.sqlite_table import SqliteTable
from tests.clocks import FakeClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    monkeypatch.delenv("EXECUTION_TTL_HOURS", raising=False)
    return FakeClock()


@pytest.fixture
def table(tmp_path: Path, clock: FakeClock) -> Table:
    return SqliteTable(tmp_path / "tables.db", "idempotency", IDEMPOTENCY, now=clock.now)
