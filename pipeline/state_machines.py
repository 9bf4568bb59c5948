"""State machines, published versions and weighted aliases.

AWS Step Functions Developer Guide, "State machine versions and aliases"; the functions are named
as the actions of the API.
"""

import random
import re
from collections.abc import Callable, Sequence

from pipeline.engine import Engine
from pipeline.executions import MachineName, start_execution
from pipeline.language.json_value import Json
from pipeline.ledger import executions
from pipeline.ledger import state_machines as rows
from pipeline.ledger.rows import ExecutionRow
from pipeline.ledger.state_machines import AliasRow, Route, StateMachineRow, VersionRow

_ALIAS_NAME = re.compile(r"(?=.*[A-Za-z_\-.])[A-Za-z0-9_\-.]{1,80}")
_MOST_ROUTES = 2
_RANDOM = random.SystemRandom()


class StateMachineAlreadyExists(Exception):
    """A state machine of this name exists with another definition."""


class StateMachineDoesNotExist(Exception):
    """There is no state machine, version or alias with this ARN."""


class AliasAlreadyExists(Exception):
    """An alias of this name exists for the state machine."""


class InvalidAlias(Exception):
    """An alias's name or routing cannot be used; the message says why."""


def create_state_machine(
    engine: Engine, *, name: str, definition: str, publish: bool = False, description: str = ""
) -> StateMachineRow:
    """Create a state machine; again with the same definition, nothing changes.

    Args:
        publish: Publish the first version, too, with this description.

    Raises:
        InvalidDefinition: The definition does not conform.
        StateMachineAlreadyExists: The name is taken by another definition.
    """
    definition_id = engine.definition_id(definition)
    settings, now = engine.settings, engine.clock()
    names = MachineName(name=name, region=settings.region, account_id=settings.account_id)
    row = StateMachineRow(
        arn=names.arn,
        name=name,
        definition_id=definition_id,
        latest_version=0,
        created_at=now,
        updated_at=now,
    )
    with engine.database.durable() as connection:
        if not rows.insert_machine(connection, row):
            existing = rows.find_machine(connection, row.arn)
            if existing is None or existing.definition_id != definition_id:
                raise StateMachineAlreadyExists(row.arn)
    if publish:
        publish_version(engine, row.arn, description=description)
    return find_state_machine(engine, row.arn)


def update_state_machine(
    engine: Engine, arn: str, *, definition: str, publish: bool = False, description: str = ""
) -> StateMachineRow:
    """Give a state machine another definition; running executions and versions keep theirs.

    Raises:
        InvalidDefinition: The definition does not conform.
        StateMachineDoesNotExist: There is no state machine with this ARN.
    """
    definition_id = engine.definition_id(definition)
    find_state_machine(engine, arn)
    with engine.database.durable() as connection:
        rows.update_machine(connection, arn, definition_id, engine.clock())
    if publish:
        publish_version(engine, arn, description=description)
    return find_state_machine(engine, arn)


def find_state_machine(engine: Engine, arn: str) -> StateMachineRow:
    """The state machine with this ARN.

    Raises:
        StateMachineDoesNotExist: There is none.
    """
    with engine.database.reading() as connection:
        row = rows.find_machine(connection, arn)
    if row is None:
        raise StateMachineDoesNotExist(arn)
    return row


def publish_version(engine: Engine, arn: str, *, description: str = "") -> VersionRow:
    """Publish the newest definition; the latest version itself if it is that definition.

    Raises:
        StateMachineDoesNotExist: There is no state machine with this ARN.
    """
    with engine.database.durable() as connection:
        machine = rows.find_machine(connection, arn, locked=True)
        if machine is None:
            raise StateMachineDoesNotExist(arn)
        latest = rows.find_version(connection, f"{arn}:{machine.latest_version}")
        if latest is not None and latest.definition_id == machine.definition_id:
            return latest
        number = machine.latest_version + 1
        version = VersionRow(
            arn=f"{arn}:{number}",
            machine_arn=arn,
            number=number,
            definition_id=machine.definition_id,
            description=description,
            created_at=engine.clock(),
        )
        rows.insert_version(connection, version)
        return version


def list_versions(engine: Engine, arn: str) -> list[VersionRow]:
    """The versions of a state machine, newest first."""
    with engine.database.reading() as connection:
        return rows.versions_of(connection, arn)


def create_alias(engine: Engine, *, name: str, routing: Sequence[tuple[str, int]]) -> AliasRow:
    """Create an alias of the state machine to whose versions it routes.

    Args:
        routing: One or two pairs of a version's ARN and its weight in per cent.

    Raises:
        InvalidAlias: The name or the routing cannot be used.
        AliasAlreadyExists: The state machine has an alias of this name.
    """
    if not _ALIAS_NAME.fullmatch(name):
        raise InvalidAlias(f"'{name}' cannot be the name of an alias")
    machine_arn, routes = _checked(engine, routing)
    now = engine.clock()
    alias = AliasRow(
        arn=f"{machine_arn}:{name}",
        machine_arn=machine_arn,
        name=name,
        routing=routes,
        created_at=now,
        updated_at=now,
    )
    with engine.database.durable() as connection:
        if not rows.insert_alias(connection, alias):
            raise AliasAlreadyExists(alias.arn)
    return alias


def update_alias(engine: Engine, arn: str, *, routing: Sequence[tuple[str, int]]) -> AliasRow:
    """Route an alias elsewhere: a canary, its promotion, or the way back.

    Raises:
        InvalidAlias: The routing cannot be used.
        StateMachineDoesNotExist: There is no alias with this ARN.
    """
    machine_arn, routes = _checked(engine, routing)
    if arn.rpartition(":")[0] != machine_arn:
        raise InvalidAlias(f"{arn} is no alias of {machine_arn}")
    with engine.database.durable() as connection:
        if not rows.update_alias(connection, arn, routes, engine.clock()):
            raise StateMachineDoesNotExist(arn)
    return find_alias(engine, arn)


def find_alias(engine: Engine, arn: str) -> AliasRow:
    """The alias with this ARN.

    Raises:
        StateMachineDoesNotExist: There is none.
    """
    with engine.database.reading() as connection:
        alias = rows.find_alias(connection, arn)
    if alias is None:
        raise StateMachineDoesNotExist(arn)
    return alias


def start_machine(
    engine: Engine,
    arn: str,
    *,
    input: Json,  # noqa: A002 - the API's name
    name: str | None = None,
    draw: Callable[[], float] = _RANDOM.random,
) -> ExecutionRow:
    """Start an execution of a state machine, a version of it, or an alias.

    Args:
        arn: The ARN of any of them.
        draw: Gives a number from 0 (included) to 1, by which an alias chooses a version.

    Raises:
        StateMachineDoesNotExist: There is nothing with this ARN.
        ExecutionAlreadyExists: The name was used before for this state machine.
    """
    with engine.database.reading() as connection:
        alias = rows.find_alias(connection, arn)
        version_arn = arn if alias is None else _chosen(alias.routing, draw())
        version = rows.find_version(connection, version_arn)
        machine = rows.find_machine(connection, arn if version is None else version.machine_arn)
        runs = version or machine
        text = None if runs is None else executions.find_definition(connection, runs.definition_id)
    if machine is None or text is None:
        raise StateMachineDoesNotExist(arn)
    return start_execution(
        engine,
        machine_name=machine.name,
        definition=text,
        input=input,
        name=name,
        version_arn=None if version is None else version.arn,
        alias_arn=None if alias is None else alias.arn,
    )


def _chosen(routing: Sequence[Route], drawn: float) -> str:
    passed = 0
    for route in routing:
        passed += route.weight
        if drawn * 100 < passed:
            return route.version_arn
    return routing[-1].version_arn


def _checked(engine: Engine, routing: Sequence[tuple[str, int]]) -> tuple[str, tuple[Route, ...]]:
    """The state machine and the routes of a routing.

    Raises:
        InvalidAlias: It cannot be used.
    """
    routes = tuple(Route(version_arn=arn, weight=weight) for arn, weight in routing)
    arns = {route.version_arn for route in routes}
    if not 1 <= len(routes) <= _MOST_ROUTES or len(arns) != len(routes):
        raise InvalidAlias("the routing must name one version, or two different ones")
    if any(not 0 <= route.weight <= 100 for route in routes) or (
        sum(route.weight for route in routes) != 100
    ):
        raise InvalidAlias("the weights must be from 0 to 100 and add up to 100")
    with engine.database.reading() as connection:
        found = [rows.find_version(connection, arn) for arn in arns]
    machines = {version.machine_arn for version in found if version is not None}
    if None in found or len(machines) != 1:
        raise InvalidAlias("the routing must name versions of one state machine")
    return machines.pop(), routes
