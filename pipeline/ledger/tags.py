"""Tags of state machines and activities."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select

from pipeline.ledger.machine_schema import tags
from pipeline.ledger.upserts import insert_into


def put_tags(connection: Connection, resource_arn: str, given: Mapping[str, str]) -> None:
    """Tag a resource. An existing key gets the new value."""
    for key, value in given.items():
        statement = insert_into(connection, tags).values(
            resource_arn=resource_arn, key=key, value=value
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["resource_arn", "key"], set_={"value": value}
            )
        )


def tags_of(connection: Connection, resource_arn: str) -> dict[str, str]:
    """The tags of a resource, in the order of their keys."""
    statement = select(tags.c.key, tags.c.value).where(tags.c.resource_arn == resource_arn)
    return {row.key: row.value for row in connection.execute(statement.order_by(tags.c.key))}


def delete_tags(
    connection: Connection, resource_arn: str, keys: Collection[str] | None = None
) -> None:
    """Remove these keys, or all keys, from a resource."""
    statement = delete(tags).where(tags.c.resource_arn == resource_arn)
    if keys is not None:
        statement = statement.where(tags.c.key.in_(keys))
    connection.execute(statement)
