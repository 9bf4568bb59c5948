"""The tools of InitializeStateData."""

from dataclasses import dataclass
from typing import Protocol

from tasks.smart_statebag.bag.json_value import JsonObject
from tasks.smart_statebag.bag.tools import StorageTools


class LoadWorkflow(Protocol):
    """The workflows table: ``{config, partition_map}`` of an owner's workflow, None if absent."""

    def __call__(self, owner_id: str, workflow_id: str, /) -> JsonObject | None: ...


class ClaimExecution(Protocol):
    """The conditional put of Contract 9.2 for a bag whose execution begins.

    Raises ``DuplicateExecution`` where another execution holds the key and ``StorageUnavailable``
    where the table cannot be reached.
    """

    def __call__(self, bag: JsonObject, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InitTools(StorageTools):
    """Beside storage and clock, the calls that read and write the two tables."""

    load_workflow: LoadWorkflow
    claim: ClaimExecution
