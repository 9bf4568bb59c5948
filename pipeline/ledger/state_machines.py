"""State machines, their published versions and their aliases."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pipeline.language.json_value import dumps, loads
from pipeline.ledger.schema import aliases, state_machines, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachineRow:
    """A state machine with its newest definition; times are epoch seconds."""

    arn: str
    name: str
    definition_id: str
    latest_version: int
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A published version, which never changes."""

    arn: str
    machine_arn: str
    number: int
    definition_id: str
    description: str
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The share of an alias's executions, in per cent, that run a version."""

    version_arn: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """A name for one version, or for two with weights."""

    arn: str
    machine_arn: str
    name: str
    routing: tuple[Route, ...]
    created_at: float
    updated_at: float


def insert_machine(connection: Connection, row: StateMachineRow) -> bool:
    """Write a new state machine; False if there is one with its ARN."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(state_machines).values(**asdict(row))
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def find_machine(
    connection: Connection, arn: str, *, locked: bool = False
) -> StateMachineRow | None:
    """The state machine with this ARN; locked, nobody else changes it before the commit."""
    statement = select(state_machines).where(state_machines.c.arn == arn)
    row = connection.execute(statement.with_for_update() if locked else statement).one_or_none()
    return None if row is None else StateMachineRow(**row._mapping)


def update_machine(connection: Connection, arn: str, definition_id: str, now: float) -> None:
    """Give a state machine another definition."""
    connection.execute(
        update(state_machines)
        .where(state_machines.c.arn == arn)
        .values(definition_id=definition_id, updated_at=now)
    )


def insert_version(connection: Connection, row: VersionRow) -> None:
    """Write a new version, which is then its machine's latest."""
    connection.execute(insert(versions).values(**asdict(row)))
    connection.execute(
        update(state_machines)
        .where(state_machines.c.arn == row.machine_arn)
        .values(latest_version=row.number)
    )


def find_version(connection: Connection, arn: str) -> VersionRow | None:
    """The version with this ARN."""
    row = connection.execute(select(versions).where(versions.c.arn == arn)).one_or_none()
    return None if row is None else VersionRow(**row._mapping)


def versions_of(connection: Connection, machine_arn: str) -> list[VersionRow]:
    """The versions of a state machine, newest first."""
    statement = (
        select(versions)
        .where(versions.c.machine_arn == machine_arn)
        .order_by(versions.c.number.desc())
    )
    return [VersionRow(**row._mapping) for row in connection.execute(statement)]


def insert_alias(connection: Connection, row: AliasRow) -> bool:
    """Write a new alias; False if there is one with its ARN."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = asdict(row) | {"routing": _encode(row.routing)}
    statement = dialect.insert(aliases).values(**values)
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def find_alias(connection: Connection, arn: str) -> AliasRow | None:
    """The alias with this ARN."""
    row = connection.execute(select(aliases).where(aliases.c.arn == arn)).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    return AliasRow(**(values | {"routing": _decode(values["routing"])}))


def update_alias(connection: Connection, arn: str, routing: tuple[Route, ...], now: float) -> bool:
    """Route an alias elsewhere; False if there is none."""
    statement = update(aliases).where(aliases.c.arn == arn)
    values = {"routing": _encode(routing), "updated_at": now}
    return connection.execute(statement.values(**values)).rowcount == 1


def _encode(routing: tuple[Route, ...]) -> str:
    return dumps([[route.version_arn, route.weight] for route in routing])


def _decode(text: str) -> tuple[Route, ...]:
    pairs = loads(text)
    assert isinstance(pairs, list)  # noqa: S101 - as _encode wrote it
    return tuple(
        Route(version_arn=str(pair[0]), weight=int(str(pair[1])))
        for pair in pairs
        if isinstance(pair, list)
    )
