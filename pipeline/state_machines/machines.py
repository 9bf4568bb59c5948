"""Creating, updating, finding and deleting state machines.

AWS Step Functions API Reference; the functions have the names of its actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from sqlalchemy import Connection

from pipeline.engine.engine import Engine
from pipeline.engine.machine_names import MachineName, machine_names
from pipeline.language.json_value import JsonObject
from pipeline.ledger import state_machines as rows
from pipeline.ledger import versions
from pipeline.ledger.revisions import Revision
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import MachineStatus, MachineType, StateMachineRow
from pipeline.state_machines.definitions import store_definition
from pipeline.state_machines.errors import (
    StateMachineAlreadyExists,
    StateMachineDeleting,
    StateMachineDoesNotExist,
    StateMachineLimitExceeded,
)
from pipeline.state_machines.tags import write_tags
from pipeline.state_machines.versions import locked_machine, publish_newest

MAX_STATE_MACHINES = 10_000
"""AWS's limit of state machines of an account in a region."""

NO_LOGGING: JsonObject = {"level": "OFF", "includeExecutionData": False}
OWNED_KEY: JsonObject = {"type": "AWS_OWNED_KEY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The configuration of a state machine besides its definition; None means the default, in an
    update no change.

    Attributes:
        role_arn: The role of executions; by default that of the settings.
        logging, encryption: In AWS's shape, defaults filled in.
        tracing_enabled: Whether AWS X-Ray traces executions.
    """

    role_arn: str | None = None
    logging: JsonObject | None = None
    tracing_enabled: bool | None = None
    encryption: JsonObject | None = None


AS_IT_IS = Configuration()


def create_state_machine(
    engine: Engine,
    *,
    name: str | MachineName,
    definition: str,
    machine_type: MachineType = MachineType.STANDARD,
    configuration: Configuration = AS_IT_IS,
    tags: Mapping[str, str] | None = None,
    publish: bool = False,
    description: str = "",
) -> StateMachineRow:
    """Create a state machine; repeated with the same arguments, it changes nothing.

    Args:
        name: A bare name belongs to the region and account of the settings.
        publish: Whether to publish the first version, too, with ``description``.

    Raises:
        InvalidDefinition: The definition does not conform, or this type does not allow it.
        StateMachineAlreadyExists: A state machine of this name exists and differs in more than its
            role and its tags.
        StateMachineDeleting: A state machine of this name is being deleted.
        StateMachineLimitExceeded: The account has reached the limit.
        TooManyTags: The tags exceed the limit.
    """
    names, now = machine_names(engine, name), engine.clock()
    definition_id = store_definition(engine, definition, machine_type)
    plain = _plain_revision(engine, names.arn, definition_id, now)
    row = StateMachineRow(
        arn=names.arn,
        name=names.name,
        region=names.region,
        account_id=names.account_id,
        type=machine_type,
        status=MachineStatus.ACTIVE,
        revision=_changed(plain, configuration),
        latest_version=0,
        created_at=now,
    )
    with engine.database.durable() as connection:
        rows.finish_deletions(connection, row.arn)
        if not rows.insert_machine(connection, row):
            return _existing(connection, row, publish=publish, description=description)
        if rows.count_machines(connection, row.account_id, row.region) > MAX_STATE_MACHINES:
            raise StateMachineLimitExceeded(MAX_STATE_MACHINES)
        write_tags(connection, row.arn, tags or {})
        if publish:
            publish_newest(connection, row, description, now)
            row = replace(row, latest_version=1)
    return row


def _existing(
    connection: Connection, requested: StateMachineRow, *, publish: bool, description: str
) -> StateMachineRow:
    """The existing state machine of this name, if it was created in the same way."""
    found = rows.find_machine(connection, requested.arn, locked=True)
    if found is None or found.status is MachineStatus.DELETING:
        raise StateMachineDeleting(requested.arn)
    described_then = _description_at_creation(connection, found)
    described_now = description if publish else None
    if described_now != described_then or _compared(found) != _compared(requested):
        raise StateMachineAlreadyExists(requested.arn)
    return found


def _description_at_creation(connection: Connection, machine: StateMachineRow) -> str | None:
    """The description of the version published with a machine's creation; None without one."""
    first = versions.find_version(connection, f"{machine.arn}:1")
    # A version that was published later has a different time.
    if first is None or first.created_at != machine.created_at:
        return None
    return first.description


def _compared(row: StateMachineRow) -> tuple[object, ...]:
    """The parts in which two creations must agree; their roles and tags may differ."""
    revision = row.revision
    return (
        row.type,
        revision.definition_id,
        revision.logging_configuration,
        revision.tracing_enabled,
        revision.encryption_configuration,
    )


def update_state_machine(
    engine: Engine,
    arn: str,
    *,
    definition: str | None = None,
    configuration: Configuration = AS_IT_IS,
    publish: bool = False,
    description: str = "",
) -> StateMachineRow:
    """Give a state machine a new revision; running executions and versions keep theirs.

    Args:
        definition: None leaves it as it is.
        publish: Whether to publish the newest revision, too, with ``description``.

    Raises:
        InvalidDefinition: The definition does not conform, or the machine's type does not allow it.
        StateMachineDoesNotExist: There is no state machine with this ARN.
        StateMachineDeleting: It is being deleted.
        QuotaExceeded: It has reached the limit of versions.
    """
    machine_type = find_state_machine(engine, arn).type
    # Storing the definition is a transaction of its own.
    definition_id = None
    if definition is not None:
        definition_id = store_definition(engine, definition, machine_type)
    with engine.database.durable() as connection:
        machine = locked_machine(connection, arn)
        revised = _changed(machine.revision, configuration, definition_id)
        if revised != machine.revision:
            now = engine.clock()
            revision = replace(revised, id=str(uuid4()), is_initial=False, created_at=now)
            rows.revise(connection, revision)
            machine = replace(machine, revision=revision)
        if publish:
            version = publish_newest(connection, machine, description, engine.clock())
            machine = replace(machine, latest_version=version.number)
    return machine


def put_state_machine(engine: Engine, name: str, definition: str) -> StateMachineRow:
    """Create the state machine of this name with a definition, or update it.

    Raises:
        InvalidDefinition: The definition does not conform.
        StateMachineDeleting: The state machine is being deleted.
    """
    try:
        return create_state_machine(engine, name=name, definition=definition)
    except StateMachineAlreadyExists:
        return update_state_machine(engine, machine_names(engine, name).arn, definition=definition)


def find_state_machine(engine: Engine, arn: str) -> StateMachineRow:
    """The state machine with this ARN.

    Raises:
        StateMachineDoesNotExist: There is none.
    """
    return engine.database.required(rows.find_machine, arn, StateMachineDoesNotExist)


def list_state_machines(
    engine: Engine,
    *,
    account_id: str,
    region: str,
    after: tuple[float, str] | None = None,
    limit: int,
) -> list[StateMachineRow]:
    """The state machines of an account in a region, in the order of their creation.

    Args:
        after: Time of creation and ARN of the one before the first, or None.
        limit: How many at most.
    """
    with engine.database.reading() as connection:
        return rows.machines_of(connection, account_id, region, after, limit)


def delete_state_machine(engine: Engine, arn: str) -> None:
    """Delete a state machine with its versions and aliases, if it exists.

    Running executions go on to their end. The state machine exists until then, but starts no
    others.
    """
    with engine.database.durable() as connection:
        if rows.find_machine(connection, arn, locked=True) is not None:
            rows.begin_deletion(connection, arn)
            rows.finish_deletions(connection, arn)


def finish_deletions(engine: Engine) -> None:
    """Delete the marked state machines whose executions have all ended."""
    with engine.database.statement() as connection:
        rows.finish_deletions(connection)


def revision_of(engine: Engine, execution: ExecutionRow) -> Revision:
    """The revision that an execution runs; one with defaults if it runs a bare definition."""
    if execution.revision_id is not None:
        return engine.definitions.revision(execution.revision_id)
    return _plain_revision(
        engine, execution.machine_arn, execution.definition_id, execution.started_at
    )


def _plain_revision(engine: Engine, machine_arn: str, definition_id: str, now: float) -> Revision:
    return Revision(
        id=str(uuid4()),
        machine_arn=machine_arn,
        definition_id=definition_id,
        role_arn=engine.settings.role_arn,
        logging_configuration=NO_LOGGING,
        tracing_enabled=False,
        encryption_configuration=OWNED_KEY,
        is_initial=True,
        created_at=now,
    )


def _changed(
    revision: Revision, configuration: Configuration, definition_id: str | None = None
) -> Revision:
    """A revision with the given parts replaced."""
    tracing = configuration.tracing_enabled
    return replace(
        revision,
        definition_id=definition_id or revision.definition_id,
        role_arn=configuration.role_arn or revision.role_arn,
        logging_configuration=configuration.logging or revision.logging_configuration,
        tracing_enabled=revision.tracing_enabled if tracing is None else tracing,
        encryption_configuration=configuration.encryption or revision.encryption_configuration,
    )
