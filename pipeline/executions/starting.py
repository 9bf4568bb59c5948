"""Starting executions by the ARN of a state machine, of a version, or of a weighted alias."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import MachineName
from pipeline.executions.lifecycle import NewExecution, begin_execution
from pipeline.language.json_value import Json
from pipeline.ledger import aliases, state_machines, versions
from pipeline.ledger.aliases import Route
from pipeline.ledger.revisions import Revision
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineStatus, StateMachineRow
from pipeline.state_machines.errors import StateMachineDeleting, StateMachineDoesNotExist

_RANDOM = random.SystemRandom()
_COLONS = 6
"""In the ARN of a state machine; that of a version or an alias has one more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTarget:
    """What an ARN starts an execution of.

    Attributes:
        revision: The state machine's newest, or that of the version.
        version_arn, alias_arn: The version, and the alias that chose it, or None.
    """

    machine: StateMachineRow
    revision: Revision
    version_arn: str | None
    alias_arn: str | None

    @property
    def names(self) -> MachineName:
        """The state machine's name as ARNs spell it."""
        machine = self.machine
        return MachineName(name=machine.name, region=machine.region, account_id=machine.account_id)

    def execution(
        self,
        input: Json,  # noqa: A002 - the API's name
        name: str | None = None,
        trace_header: str | None = None,
        input_text: str | None = None,
    ) -> NewExecution:
        """A new execution of it; see ``NewExecution``."""
        return NewExecution(
            machine=self.names,
            definition_id=self.revision.definition_id,
            input=input,
            name=name,
            version_arn=self.version_arn,
            alias_arn=self.alias_arn,
            revision_id=self.revision.id,
            trace_header=trace_header,
            input_text=input_text,
        )


def start_target(
    engine: Engine, arn: str, draw: Callable[[], float] = _RANDOM.random
) -> StartTarget:
    """What an execution is started of by the ARN of a state machine, a version or an alias.

    Args:
        draw: Gives a number from 0 (included) to 1, by which an alias chooses a version.

    Raises:
        StateMachineDoesNotExist: There is nothing with this ARN.
        StateMachineDeleting: The state machine is being deleted.
    """
    with engine.database.reading() as connection:
        alias = version = None
        if arn.count(":") > _COLONS:
            alias = aliases.find_alias(connection, arn)
            version_arn = arn if alias is None else _chosen(alias.routing, draw())
            version = versions.find_version(connection, version_arn)
            if alias is not None and version is None:
                # The alias was routed elsewhere meanwhile, and the version deleted.
                return start_target(engine, arn, draw)
        machine = state_machines.find_machine(
            connection, arn if version is None else version.machine_arn
        )
    if machine is None:
        raise StateMachineDoesNotExist(arn)
    if machine.status is MachineStatus.DELETING:
        raise StateMachineDeleting(machine.arn)
    return StartTarget(
        machine=machine,
        revision=machine.revision if version is None else version.revision,
        version_arn=None if version is None else version.arn,
        alias_arn=None if alias is None else alias.arn,
    )


def start_machine(
    engine: Engine,
    arn: str,
    *,
    input: Json,  # noqa: A002 - the API's name
    name: str | None = None,
    draw: Callable[[], float] = _RANDOM.random,
) -> ExecutionRow:
    """Start an execution of a STANDARD state machine, a version of it, or an alias.

    Args:
        arn: The ARN of any of them.
        draw: As for ``start_target``.

    Raises:
        StateMachineDoesNotExist: There is nothing with this ARN.
        StateMachineDeleting: The state machine is being deleted.
        ExecutionAlreadyExists: The name was used before for this state machine.
    """
    target = start_target(engine, arn, draw)
    return begin_execution(engine, target.execution(input, name))


def _chosen(routing: Sequence[Route], drawn: float) -> str:
    passed = 0
    for route in routing:
        passed += route.weight
        if drawn * 100 < passed:
            return route.version_arn
    return routing[-1].version_arn
