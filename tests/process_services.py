"""Services for the functions that a test calls without a worker."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pipeline.integrations.services.local_tables import LocalTables
from pipeline.ledger.database import Database
from pipeline.ledger.migrations import migrate
from tasks.smart_statebag.process_services import (
    ProcessServices,
    install,
    process_services,
    uninstall,
)
from tasks.smart_statebag.tables import SCHEMAS

Offer: TypeAlias = Callable[..., None]
"""Installs the services that its keyword arguments name, beside those offered before."""


@pytest.fixture(scope="module", autouse=True)
def _no_services_of_another_module() -> Iterator[None]:
    """Functions that are called without an engine find none that an earlier module left."""
    none = ProcessServices()
    install(none)
    yield
    uninstall(none)


@pytest.fixture
def offer() -> Iterator[Offer]:
    """Offers services until the test ends."""
    offered: list[ProcessServices] = []

    def offer_also(**services: Any) -> None:
        offered.append(replace(process_services(), **services))
        install(offered[-1])

    yield offer_also
    for services in offered:
        uninstall(services)


@pytest.fixture
def ledger_tables(tmp_path: Path) -> Iterator[LocalTables]:
    """The application's tables in a new ledger, each named as its setting in lower case."""
    database = Database(f"sqlite:///{tmp_path / 'tables.db'}")
    migrate(database)
    tables = LocalTables(database)
    for schema in SCHEMAS:
        tables.ensure_table(schema.setting.lower(), *schema.key)
    yield tables
    database.dispose()


@pytest.fixture
def local_tables(
    ledger_tables: LocalTables, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> LocalTables:
    """The tables that the functions find by their settings."""
    for schema in SCHEMAS:
        monkeypatch.setenv(schema.setting, schema.setting.lower())
    offer(tables=ledger_tables)
    return ledger_tables
