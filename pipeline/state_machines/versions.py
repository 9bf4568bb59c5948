"""Published versions of state machines.

AWS Step Functions Developer Guide, "State machine versions"; the functions have the names of the
API's actions.
"""

from sqlalchemy import Connection

from pipeline.engine.engine import Engine
from pipeline.ledger import aliases
from pipeline.ledger import state_machines as machines
from pipeline.ledger import versions as rows
from pipeline.ledger.revisions import Revision
from pipeline.ledger.state_machines import MachineStatus, StateMachineRow
from pipeline.ledger.versions import VersionRow
from pipeline.state_machines.errors import (
    QuotaExceeded,
    RevisionIsNotCurrent,
    StateMachineDeleting,
    StateMachineDoesNotExist,
    VersionIsReferenced,
)

MAX_VERSIONS = 1000
"""AWS's limit of versions of one state machine."""

INITIAL = "INITIAL"
"""Stands for the id of a machine's first revision, for which AWS shows none."""


def publish_version(
    engine: Engine, arn: str, *, description: str = "", revision_id: str | None = None
) -> VersionRow:
    """Publish the newest revision, or return its version if it is already published.

    Args:
        revision_id: Publish only if the newest revision is this one, or INITIAL.

    Raises:
        StateMachineDoesNotExist: There is no state machine with this ARN.
        StateMachineDeleting: It is being deleted.
        RevisionIsNotCurrent: The newest revision is a different one.
        QuotaExceeded: It has as many versions as it may have.
    """
    with engine.database.durable() as connection:
        machine = locked_machine(connection, arn)
        current = shown_revision(machine.revision) or INITIAL
        if revision_id not in (None, current):
            raise RevisionIsNotCurrent(str(revision_id), current)
        return publish_newest(connection, machine, description, engine.clock())


def locked_machine(connection: Connection, arn: str) -> StateMachineRow:
    """A state machine, locked until the commit.

    Raises:
        StateMachineDoesNotExist: There is none.
        StateMachineDeleting: It is being deleted.
    """
    return active_machine(connection, arn, locked=True)


def active_machine(connection: Connection, arn: str, *, locked: bool = False) -> StateMachineRow:
    """A state machine that is not being deleted.

    Raises:
        StateMachineDoesNotExist: There is none.
        StateMachineDeleting: It is being deleted.
    """
    machine = machines.find_machine(connection, arn, locked=locked)
    if machine is None:
        raise StateMachineDoesNotExist(arn)
    if machine.status is MachineStatus.DELETING:
        raise StateMachineDeleting(arn)
    return machine


def shown_revision(revision: Revision) -> str | None:
    """A revision's id as clients see it; None for the first one of a machine."""
    return None if revision.is_initial else revision.id


def publish_newest(
    connection: Connection, machine: StateMachineRow, description: str, now: float
) -> VersionRow:
    """The version of a locked state machine's newest revision; publishes it if necessary.

    Raises:
        QuotaExceeded: It has as many versions as it may have.
    """
    published = rows.version_of_revision(connection, machine.revision.id)
    if published is not None:
        return published
    if rows.count_versions(connection, machine.arn) >= MAX_VERSIONS:
        raise QuotaExceeded("versions", MAX_VERSIONS)
    number = machine.latest_version + 1
    version = VersionRow(
        arn=f"{machine.arn}:{number}",
        machine_arn=machine.arn,
        number=number,
        revision=machine.revision,
        description=description,
        created_at=now,
    )
    rows.insert_version(connection, version)
    machines.set_latest_version(connection, machine.arn, number)
    return version


def find_version(engine: Engine, arn: str) -> VersionRow:
    """The version with this ARN.

    Raises:
        StateMachineDoesNotExist: There is none.
    """
    return engine.database.required(rows.find_version, arn, StateMachineDoesNotExist)


def list_versions(
    engine: Engine, arn: str, *, before: int | None = None, limit: int | None = None
) -> list[VersionRow]:
    """The versions of a state machine, newest first.

    Args:
        before: Number of the version before the first, or None.
        limit: How many at most.
    """
    with engine.database.reading() as connection:
        return rows.versions_of(connection, arn, before, limit)


def delete_version(engine: Engine, machine_arn: str, arn: str) -> None:
    """Delete a version, if it is there; executions that run it go on.

    Raises:
        VersionIsReferenced: An alias routes to it.
    """
    with engine.database.durable() as connection:
        # Whoever routes an alias to the version holds the same lock.
        machines.find_machine(connection, machine_arn, locked=True)
        referring = [
            alias.name
            for alias in aliases.aliases_of(connection, machine_arn)
            if arn in alias.version_arns
        ]
        if referring:
            raise VersionIsReferenced(referring)
        rows.delete_version(connection, arn)
