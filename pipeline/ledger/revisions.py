"""Revisions of state machines: each update makes a new one, and executions keep theirs."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from pipeline.language.json_value import JsonObject
from pipeline.ledger.machine_schema import revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Everything of a state machine that an update can change. A revision itself never changes.

    Attributes:
        logging_configuration, encryption_configuration: In AWS's shape, defaults filled in.
        is_initial: Whether the state machine was created with it.
        created_at: Epoch seconds.
    """

    id: str
    machine_arn: str
    definition_id: str
    role_arn: str
    logging_configuration: JsonObject
    tracing_enabled: bool
    encryption_configuration: JsonObject
    is_initial: bool
    created_at: float


_PREFIX = "of_revision_"

REVISION_COLUMNS = [column.label(_PREFIX + column.name) for column in revisions.c]
"""The columns of a revision, prefixed so that a row can also hold those of its owner."""


def insert_revision(connection: Connection, revision: Revision) -> None:
    """Write a new revision."""
    connection.execute(insert(revisions).values(**asdict(revision)))


def find_revision(connection: Connection, revision_id: str) -> Revision | None:
    """The revision with this id."""
    row = connection.execute(
        select(*REVISION_COLUMNS).where(revisions.c.id == revision_id)
    ).one_or_none()
    if row is None:
        return None
    _, revision = split_revision(row)
    return revision


def split_revision(row: Row[Any]) -> tuple[dict[str, Any], Revision]:
    """Split a row into its owner's columns and the revision in its REVISION_COLUMNS."""
    own: dict[str, Any] = {}
    of_revision: dict[str, Any] = {}
    for name, value in row._asdict().items():
        columns = of_revision if name.startswith(_PREFIX) else own
        columns[name.removeprefix(_PREFIX)] = value
    return own, Revision(**of_revision)
