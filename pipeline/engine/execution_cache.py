"""The unchanging part of executions, read once a process: definition, context and input.

Its status, output and redrives do change; ``latest_row`` reads those.
"""

from dataclasses import dataclass
from functools import lru_cache

from config.settings import Settings
from pipeline.engine.definition_cache import DefinitionCache
from pipeline.integrations.arns import Arn
from pipeline.language.context_object import ExecutionContext
from pipeline.language.json_value import Json
from pipeline.language.state_machine import StateMachine
from pipeline.ledger import executions
from pipeline.ledger.database import Database
from pipeline.ledger.rows import ExecutionRow, MissingRow
from pipeline.payloads.offload import Payloads

_SIZE = 256
"""Executions that a process keeps, with their inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedExecution:
    """An execution as this process read it first.

    Attributes:
        machine: The parsed definition that it runs.
        context: The part of its context object that all its states share.
        row_when_cached: Its row at that time. Status, output, error and redrives may have changed
            since; the ids, names, ARNs, input and start never do.
    """

    machine: StateMachine
    context: ExecutionContext
    row_when_cached: ExecutionRow


class ExecutionCache:
    """The executions that this process has worked on last."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        payloads: Payloads,
        definitions: DefinitionCache,
    ) -> None:
        self._settings = settings
        self._database = database
        self._payloads = payloads
        self._definitions = definitions
        self._row_and_context = lru_cache(_SIZE)(self._load)

    def cached(self, execution_id: str) -> CachedExecution:
        """An execution, from the cache or the ledger.

        Raises:
            MissingRow: The ledger has no such execution.
        """
        row, context = self._row_and_context(execution_id)
        machine = self._definitions.machine(row.definition_id)
        return CachedExecution(machine=machine, context=context, row_when_cached=row)

    def latest_row(self, execution_id: str) -> ExecutionRow:
        """An execution's row as it is now, always read from the ledger.

        Raises:
            MissingRow: The ledger has no such execution.
        """
        return self._database.required(
            executions.find_execution, execution_id, lambda key: MissingRow(f"execution {key}")
        )

    def context(self, row: ExecutionRow, input: Json) -> ExecutionContext:  # noqa: A002 - ASL's name
        """The part of the context object that all states of an execution share."""
        return ExecutionContext(
            execution_arn=row.arn,
            execution_name=row.name,
            execution_input=input,
            started_at=row.started_at,
            role_arn=self._role_arn(row.revision_id),
            machine_arn=row.machine_arn,
            machine_name=row.machine_name,
            version_arn=row.version_arn,
            alias_arn=row.alias_arn,
            region=Arn.parse(row.arn).region,
            strict_limits=self._settings.strict_limits,
        )

    def _load(self, execution_id: str) -> tuple[ExecutionRow, ExecutionContext]:
        row = self.latest_row(execution_id)
        return row, self.context(row, self._payloads.unpack(row.input))

    def _role_arn(self, revision_id: str | None) -> str:
        """The role of an execution; the settings' if it runs a bare definition."""
        if revision_id is None:
            return self._settings.role_arn
        return self._definitions.revision(revision_id).role_arn
