"""Aliases of state machines: names for one published version, or for two with weights."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, tuple_, update

from pipeline.ledger.machine_schema import aliases

# Built once, because every start by an alias needs it, and building it costs more than its round
# trip.
_FIND = select(aliases).where(aliases.c.arn == bindparam("alias_arn"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A version, and the percentage of the alias's executions that run it."""

    version_arn: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """A name for one version, or for two with weights."""

    arn: str
    machine_arn: str
    name: str
    description: str
    routing: tuple[Route, ...]
    created_at: float
    updated_at: float

    @property
    def version_arns(self) -> frozenset[str]:
        """The versions that it routes to."""
        return frozenset(route.version_arn for route in self.routing)


def insert_alias(connection: Connection, row: AliasRow) -> None:
    """Write a new alias."""
    connection.execute(insert(aliases).values(asdict(row) | _stored(row.routing)))


def find_alias(connection: Connection, arn: str) -> AliasRow | None:
    """The alias with this ARN."""
    row = connection.execute(_FIND, {"alias_arn": arn}).one_or_none()
    return None if row is None else _alias(row)


def aliases_of(
    connection: Connection,
    machine_arn: str,
    after: tuple[float, str] | None = None,
    limit: int | None = None,
) -> list[AliasRow]:
    """The aliases of a state machine, oldest first.

    Args:
        after: Time of creation and ARN of the one before the first, or None.
        limit: How many at most.
    """
    statement = select(aliases).where(aliases.c.machine_arn == machine_arn)
    if after is not None:
        statement = statement.where(tuple_(aliases.c.created_at, aliases.c.arn) > tuple_(*after))
    oldest_first = statement.order_by(aliases.c.created_at, aliases.c.arn)
    return [_alias(row) for row in connection.execute(oldest_first.limit(limit))]


def count_aliases(connection: Connection, machine_arn: str) -> int:
    """How many aliases a state machine has."""
    statement = select(func.count()).where(aliases.c.machine_arn == machine_arn)
    return connection.scalar(statement) or 0


def update_alias(connection: Connection, row: AliasRow) -> None:
    """Overwrite an alias's description and routing."""
    values = {"description": row.description, "updated_at": row.updated_at}
    connection.execute(
        update(aliases).where(aliases.c.arn == row.arn).values(values | _stored(row.routing))
    )


def delete_alias(connection: Connection, arn: str) -> None:
    """Remove an alias, if it exists."""
    connection.execute(delete(aliases).where(aliases.c.arn == arn))


def _stored(routing: Sequence[Route]) -> dict[str, Any]:
    return {"routing": [[route.version_arn, route.weight] for route in routing]}


def _alias(row: Row[Any]) -> AliasRow:
    values = dict(row._mapping)
    routing = tuple(Route(version_arn=arn, weight=weight) for arn, weight in values.pop("routing"))
    return AliasRow(**values, routing=routing)
