"""Activities in the ledger. The tasks that they offer to their workers are frames."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_

from pipeline.ledger.quotas import count_for_quota
from pipeline.ledger.schema import activities
from pipeline.ledger.upserts import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """An activity.

    Attributes:
        encryption_configuration: In AWS's shape.
        created_at: Epoch seconds.
    """

    arn: str
    name: str
    region: str
    account_id: str
    encryption_configuration: Mapping[str, Any]
    created_at: float


def insert_activity(connection: Connection, row: ActivityRow) -> bool:
    """Write a new activity; False if there is one with its ARN."""
    statement = insert_into(connection, activities).values(**asdict(row)).on_conflict_do_nothing()
    return connection.scalar(statement.returning(activities.c.arn)) is not None


def count_activities(connection: Connection, account_id: str, region: str) -> int:
    """How many activities an account has in a region, including the one just inserted.

    A transaction that inserts another one waits here until this transaction has ended.
    """
    return count_for_quota(connection, activities, account_id, region)


def find_activity(connection: Connection, arn: str, *, locked: bool = False) -> ActivityRow | None:
    """The activity with this ARN; ``locked`` keeps other transactions from changing it."""
    statement = select(activities).where(activities.c.arn == arn)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    return None if row is None else ActivityRow(**row._mapping)


def delete_activity(connection: Connection, arn: str) -> None:
    """Delete the activity with this ARN, if there is one."""
    connection.execute(delete(activities).where(activities.c.arn == arn))


def list_activities(
    connection: Connection,
    account_id: str,
    region: str,
    *,
    after: Sequence[float | str] | None,
    limit: int,
) -> list[ActivityRow]:
    """The activities of an account in a region, oldest first.

    Args:
        after: Creation time and ARN of the activity before the first one, or None.
        limit: How many at most.
    """
    order = (activities.c.created_at, activities.c.arn)
    statement = select(activities).where(
        activities.c.account_id == account_id, activities.c.region == region
    )
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    rows = connection.execute(statement.order_by(*order).limit(limit))
    return [ActivityRow(**row._mapping) for row in rows]
