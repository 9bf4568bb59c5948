"""Fixtures that every suite may use."""

import pytest

from tasks.smart_statebag.callbacks.dispatching import LLM_QUEUE
from tasks.smart_statebag.callbacks.selection import IN_PROCESS
from tasks.smart_statebag.tables.selection import IN_LEDGER

pytest_plugins = ["tests.services", "tests.s3_server", "tests.platforms", "tests.api_server"]


@pytest.fixture(scope="module", autouse=True)
def _without_the_surroundings_of_another_module() -> None:
    """Functions that are called without an engine find nothing of one that lived here before."""
    IN_LEDGER.client = None
    IN_PROCESS.engine = None
    LLM_QUEUE.send = None
