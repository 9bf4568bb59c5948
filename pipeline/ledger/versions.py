"""Published versions of state machines."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from pipeline.ledger.machine_schema import revisions, versions
from pipeline.ledger.revisions import REVISION_COLUMNS, Revision, split_revision

# Built once, because every start of a version needs it, and building it costs more than its round
# trip.
_VERSIONS = select(
    *(column for column in versions.c if column.name != "revision_id"), *REVISION_COLUMNS
).join_from(versions, revisions, versions.c.revision_id == revisions.c.id)
_FIND = _VERSIONS.where(versions.c.arn == bindparam("version_arn"))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A published version, which never changes."""

    arn: str
    machine_arn: str
    number: int
    revision: Revision
    description: str
    created_at: float


def insert_version(connection: Connection, row: VersionRow) -> None:
    """Write a new version."""
    connection.execute(
        insert(versions).values(
            arn=row.arn,
            machine_arn=row.machine_arn,
            number=row.number,
            revision_id=row.revision.id,
            description=row.description,
            created_at=row.created_at,
        )
    )


def find_version(connection: Connection, arn: str) -> VersionRow | None:
    """The version with this ARN."""
    return _row(connection.execute(_FIND, {"version_arn": arn}).one_or_none())


def version_of_revision(connection: Connection, revision_id: str) -> VersionRow | None:
    """The version by which a revision was published."""
    statement = _VERSIONS.where(versions.c.revision_id == revision_id)
    return _row(connection.execute(statement).one_or_none())


def versions_of(
    connection: Connection, machine_arn: str, before: int | None = None, limit: int | None = None
) -> list[VersionRow]:
    """The versions of a state machine, newest first.

    Args:
        before: Number of the version before the first, or None.
        limit: How many at most.
    """
    statement = _VERSIONS.where(versions.c.machine_arn == machine_arn)
    if before is not None:
        statement = statement.where(versions.c.number < before)
    rows = connection.execute(statement.order_by(versions.c.number.desc()).limit(limit))
    return [_version(row) for row in rows]


def count_versions(connection: Connection, machine_arn: str) -> int:
    """How many versions a state machine has."""
    statement = select(func.count()).where(versions.c.machine_arn == machine_arn)
    return connection.scalar(statement) or 0


def delete_version(connection: Connection, arn: str) -> None:
    """Remove a version. Its number is not assigned again."""
    connection.execute(delete(versions).where(versions.c.arn == arn))


def _row(row: Row[tuple[object, ...]] | None) -> VersionRow | None:
    return None if row is None else _version(row)


def _version(row: Row[tuple[object, ...]]) -> VersionRow:
    values, revision = split_revision(row)
    return VersionRow(**values, revision=revision)
