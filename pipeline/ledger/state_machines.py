"""State machines, each with its newest revision."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, delete, exists, select, text, tuple_, update

from pipeline.ledger.machine_schema import aliases, revisions, state_machines, tags, versions
from pipeline.ledger.quotas import count_for_quota
from pipeline.ledger.revisions import REVISION_COLUMNS, Revision, insert_revision, split_revision
from pipeline.ledger.schema import OPEN, executions
from pipeline.ledger.upserts import insert_into

# Built once, because every start needs them, and building one costs more than its round trip.
_MACHINES = select(
    *(column for column in state_machines.c if column.name != "revision_id"), *REVISION_COLUMNS
).join_from(state_machines, revisions, state_machines.c.revision_id == revisions.c.id)
_NAMED = state_machines.c.arn == bindparam("machine_arn")
_FIND = _MACHINES.where(_NAMED)
_LOCK = select(state_machines.c.arn).where(_NAMED).with_for_update()


class MachineType(StrEnum):
    """How the executions of a state machine run, in AWS's words."""

    STANDARD = "STANDARD"
    EXPRESS = "EXPRESS"


class MachineStatus(StrEnum):
    """Status of a state machine, in AWS's words."""

    ACTIVE = "ACTIVE"
    DELETING = "DELETING"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachineRow:
    """A state machine with its newest revision; times are epoch seconds."""

    arn: str
    name: str
    region: str
    account_id: str
    type: MachineType
    status: MachineStatus
    revision: Revision
    latest_version: int
    created_at: float


def insert_machine(connection: Connection, row: StateMachineRow) -> bool:
    """Write a new state machine with its first revision; False if there is one with its ARN."""
    statement = insert_into(connection, state_machines).values(
        arn=row.arn,
        name=row.name,
        region=row.region,
        account_id=row.account_id,
        type=row.type,
        status=row.status,
        revision_id=row.revision.id,
        latest_version=row.latest_version,
        created_at=row.created_at,
    )
    written = statement.on_conflict_do_nothing().returning(state_machines.c.arn)
    if connection.scalar(written) is None:
        return False
    insert_revision(connection, row.revision)
    return True


def count_machines(connection: Connection, account_id: str, region: str) -> int:
    """How many state machines an account has in a region, including the one just inserted.

    A transaction that inserts another one waits here until this transaction has ended.
    """
    return count_for_quota(connection, state_machines, account_id, region)


def find_machine(
    connection: Connection, arn: str, *, locked: bool = False
) -> StateMachineRow | None:
    """The state machine with this ARN; ``locked`` keeps other transactions from changing it."""
    if locked:
        # The lock needs a statement of its own: a statement that waits for a lock then joins the
        # new row with revisions as they were before the wait.
        connection.execute(_LOCK, {"machine_arn": arn})
    row = connection.execute(_FIND, {"machine_arn": arn}).one_or_none()
    return None if row is None else _machine(row)


def machines_of(
    connection: Connection,
    account_id: str,
    region: str,
    after: tuple[float, str] | None,
    limit: int,
) -> list[StateMachineRow]:
    """The state machines of an account in a region, in the order of their creation.

    Args:
        after: Time of creation and ARN of the one before the first, or None.
        limit: How many at most.
    """
    statement = (
        _MACHINES.where(
            state_machines.c.account_id == account_id, state_machines.c.region == region
        )
        .order_by(state_machines.c.created_at, state_machines.c.arn)
        .limit(limit)
    )
    if after is not None:
        key = tuple_(state_machines.c.created_at, state_machines.c.arn)
        statement = statement.where(key > tuple_(*after))
    return [_machine(row) for row in connection.execute(statement)]


def revise(connection: Connection, revision: Revision) -> None:
    """Give a state machine a new revision."""
    insert_revision(connection, revision)
    connection.execute(
        update(state_machines)
        .where(state_machines.c.arn == revision.machine_arn)
        .values(revision_id=revision.id)
    )


def set_latest_version(connection: Connection, arn: str, number: int) -> None:
    """Set the number of the version that was published last."""
    connection.execute(
        update(state_machines).where(state_machines.c.arn == arn).values(latest_version=number)
    )


def begin_deletion(connection: Connection, arn: str) -> None:
    """Delete a state machine's versions, aliases and tags, and mark it. Its revisions stay."""
    connection.execute(delete(aliases).where(aliases.c.machine_arn == arn))
    connection.execute(delete(versions).where(versions.c.machine_arn == arn))
    connection.execute(delete(tags).where(tags.c.resource_arn == arn))
    connection.execute(
        update(state_machines)
        .where(state_machines.c.arn == arn)
        .values(status=MachineStatus.DELETING)
    )


def finish_deletions(connection: Connection, arn: str | None = None) -> None:
    """Delete the marked state machines, or this one, if no execution of them runs."""
    running = exists().where(executions.c.machine_arn == state_machines.c.arn, text(OPEN))
    statement = delete(state_machines).where(
        state_machines.c.status == MachineStatus.DELETING, ~running
    )
    if arn is not None:
        statement = statement.where(state_machines.c.arn == arn)
    connection.execute(statement)


def _machine(row: Row[tuple[object, ...]]) -> StateMachineRow:
    values, revision = split_revision(row)
    values["type"] = MachineType(values["type"])
    values["status"] = MachineStatus(values["status"])
    return StateMachineRow(**values, revision=revision)
