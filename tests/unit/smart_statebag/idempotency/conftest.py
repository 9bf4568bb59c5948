"""An idempotency table in a ledger."""

import pytest

from pipeline.integrations.services.local_tables import LocalTables
from tasks.smart_statebag.tables import IDEMPOTENCY, Table, open_table
from tests.clocks import FakeClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    monkeypatch.delenv("EXECUTION_TTL_HOURS", raising=False)
    return FakeClock()


@pytest.fixture
def table(local_tables: LocalTables) -> Table:
    return open_table(IDEMPOTENCY)
