"""Tags of state machines and activities."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from pipeline.engine.engine import Engine
from pipeline.ledger import tags as rows
from pipeline.ledger.activities import find_activity
from pipeline.ledger.state_machines import MachineStatus, find_machine
from pipeline.state_machines.errors import ResourceNotFound, TooManyTags

MAX_TAGS = 50
"""AWS's limit of tags of one resource."""


def tag_resource(engine: Engine, arn: str, tags: Mapping[str, str]) -> None:
    """Tag a resource. An existing key gets the new value.

    Raises:
        ResourceNotFound: There is neither a state machine nor an activity with this ARN.
        TooManyTags: It would have more than it may.
    """
    with engine.database.durable() as connection:
        _require(connection, arn)
        write_tags(connection, arn, tags)


def write_tags(connection: Connection, arn: str, tags: Mapping[str, str]) -> None:
    """Write the tags of a resource, which the caller has locked.

    Raises:
        TooManyTags: It would have more than it may.
    """
    if len({**rows.tags_of(connection, arn), **tags}) > MAX_TAGS:
        raise TooManyTags(arn, MAX_TAGS)
    rows.put_tags(connection, arn, tags)


def untag_resource(engine: Engine, arn: str, keys: Collection[str]) -> None:
    """Remove tags from a resource, if it has them.

    Raises:
        ResourceNotFound: There is neither a state machine nor an activity with this ARN.
    """
    with engine.database.durable() as connection:
        _require(connection, arn)
        rows.delete_tags(connection, arn, keys)


def tags_of(engine: Engine, arn: str) -> dict[str, str]:
    """The tags of a resource.

    Raises:
        ResourceNotFound: There is neither a state machine nor an activity with this ARN.
    """
    with engine.database.reading() as connection:
        _require(connection, arn, locked=False)
        return rows.tags_of(connection, arn)


def _require(connection: Connection, arn: str, *, locked: bool = True) -> None:
    machine = find_machine(connection, arn, locked=locked)
    is_there = machine is not None and machine.status is MachineStatus.ACTIVE
    if not is_there and find_activity(connection, arn, locked=locked) is None:
        raise ResourceNotFound(arn)
