"""A state bucket in a directory, tables that are dictionaries of rows, time that stands still."""

import pytest

from tasks.smart_statebag.bag.directory_store import DirectoryStore
from tasks.smart_statebag.bag.errors import DuplicateExecution, StorageUnavailable
from tasks.smart_statebag.bag.storage import StateStorage
from tasks.smart_statebag.initialization.initialise import initialise
from tasks.smart_statebag.initialization.tools import InitTools


class Starts:
    """InitializeStateData on one bucket; ``claimed`` are the bags it claimed an execution for."""

    arn = "arn:aws:states:eu-central-1:123456789012:execution:statebag:run-1"

    def __init__(self, storage: StateStorage, clock) -> None:
        self.storage = storage
        self.rows = {}
        self.claimed = []
        self.held_by = None
        self.reachable = True
        self._tools = InitTools(
            load_workflow=lambda owner, workflow: self.rows.get((owner, workflow)),
            claim=self._claim,
            storage=lambda: storage,
            clock=clock,
        )

    def __call__(self, machine="standard", **given):
        given = {"ownerId": "o", "workflowId": "w", **given}
        event = {"input": given, "execution_id": self.arn, "execution_name": "run-1"}
        return self.event({**event, "machine": machine})

    def event(self, event):
        return initialise(event, self._tools)

    def _claim(self, bag) -> None:
        if not self.reachable:
            raise StorageUnavailable("the table", "down")
        if self.held_by is not None:
            raise DuplicateExecution(bag["idempotency_key"], self.held_by)
        self.claimed.append(bag["idempotency_key"])


class StillClock:
    """One moment."""

    def now(self) -> float:
        return 1_700_000_000.5

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Time does not pass."""


@pytest.fixture
def start(tmp_path) -> Starts:
    clock = StillClock()
    return Starts(StateStorage(DirectoryStore(tmp_path, "bucket"), clock=clock), clock)
