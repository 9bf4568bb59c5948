"""Weighted aliases of published versions, for canary releases and rollbacks.

AWS Step Functions Developer Guide, "State machine aliases"; the functions have the names of the
API's actions.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from pipeline.engine.engine import Engine
from pipeline.ledger import aliases as rows
from pipeline.ledger import versions
from pipeline.ledger.aliases import AliasRow, Route
from pipeline.state_machines.errors import (
    AliasAlreadyExists,
    InvalidAlias,
    QuotaExceeded,
    ReferenceNotFound,
    StateMachineDoesNotExist,
)
from pipeline.state_machines.versions import active_machine, locked_machine

MAX_ALIASES = 100
"""AWS's limit of aliases of one state machine."""

_NAME = re.compile(r"(?=.*[A-Za-z_\-.])[A-Za-z0-9_\-.]{1,80}")
_VERSION = re.compile(r"(?P<machine>[^:]+(?::[^:]+){6}):[1-9][0-9]*", re.DOTALL)
_MAX_ROUTES = 2


def create_alias(
    engine: Engine, *, name: str, routing: Sequence[tuple[str, int]], description: str = ""
) -> AliasRow:
    """Create an alias of the state machine whose versions it routes to; idempotent.

    Args:
        routing: One or two pairs of a version's ARN and its weight in per cent.

    Raises:
        InvalidAlias: The name or the routing cannot be used.
        StateMachineDeleting: The state machine.
        ReferenceNotFound: The routing names a version that does not exist.
        AliasAlreadyExists: The state machine has another alias of this name.
        QuotaExceeded: The state machine has reached the limit of aliases.
    """
    if not _NAME.fullmatch(name):
        raise InvalidAlias(f"'{name}' cannot be the name of an alias")
    machine_arn, routes = _checked(routing)
    now = engine.clock()
    alias = AliasRow(
        arn=f"{machine_arn}:{name}",
        machine_arn=machine_arn,
        name=name,
        description=description,
        routing=routes,
        created_at=now,
        updated_at=now,
    )
    with engine.database.durable() as connection:
        _lock(connection, machine_arn)
        _require_versions(connection, routes)
        existing = rows.find_alias(connection, alias.arn)
        if existing is not None:
            if (existing.routing, existing.description) != (routes, description):
                raise AliasAlreadyExists
            return existing
        if rows.count_aliases(connection, machine_arn) >= MAX_ALIASES:
            raise QuotaExceeded("aliases", MAX_ALIASES)
        rows.insert_alias(connection, alias)
    return alias


def update_alias(
    engine: Engine,
    arn: str,
    *,
    routing: Sequence[tuple[str, int]] | None = None,
    description: str | None = None,
) -> AliasRow:
    """Change an alias's routing or description; None leaves one as it is.

    Raises:
        InvalidAlias: The routing cannot be used.
        StateMachineDeleting: The state machine.
        ReferenceNotFound: The alias does not exist, or a version that the routing names.
    """
    machine_arn, _, _ = arn.rpartition(":")
    routed_machine, routes = (machine_arn, None) if routing is None else _checked(routing)
    if routed_machine != machine_arn:
        raise InvalidAlias(
            "Routing configuration must contain versions of the state machine that the alias "
            f"belongs to. Received: {_listed([version for version, _ in routing or ()])}"
        )
    with engine.database.durable() as connection:
        _lock(connection, machine_arn)
        alias = rows.find_alias(connection, arn)
        if alias is None:
            raise ReferenceNotFound
        _require_versions(connection, routes or ())
        changed = replace(
            alias,
            routing=alias.routing if routes is None else routes,
            description=alias.description if description is None else description,
            updated_at=engine.clock(),
        )
        rows.update_alias(connection, changed)
    return changed


def find_alias(engine: Engine, arn: str) -> AliasRow:
    """The alias with this ARN.

    Raises:
        ReferenceNotFound: There is none.
    """
    return engine.database.required(rows.find_alias, arn, lambda _: ReferenceNotFound())


def list_aliases(
    engine: Engine,
    machine_arn: str,
    *,
    version_arn: str | None = None,
    before: tuple[float, str] | None = None,
    limit: int,
) -> list[AliasRow]:
    """The aliases of a state machine, newest first.

    Args:
        version_arn: Only those that route to this version; None for all.
        before: Time of creation and ARN of the one before the first, or None.
        limit: How many at most.

    Raises:
        StateMachineDoesNotExist, StateMachineDeleting: The state machine does not exist, or is
            being deleted.
        ReferenceNotFound: There is no such version.
    """
    with engine.database.reading() as connection:
        active_machine(connection, machine_arn)
        if version_arn is None:
            return rows.aliases_of(connection, machine_arn, before, limit)
        if versions.find_version(connection, version_arn) is None:
            raise ReferenceNotFound
        found = rows.aliases_of(connection, machine_arn, before)
    return [alias for alias in found if version_arn in alias.version_arns][:limit]


def delete_alias(engine: Engine, arn: str) -> None:
    """Delete an alias, if it exists."""
    with engine.database.durable() as connection:
        rows.delete_alias(connection, arn)


def _checked(routing: Sequence[tuple[str, int]]) -> tuple[str, tuple[Route, ...]]:
    """Check a routing, and return its state machine and its routes.

    Raises:
        InvalidAlias: The routing cannot be used.
    """
    routes = tuple(Route(version_arn=arn, weight=weight) for arn, weight in routing)
    arns = [route.version_arn for route in routes]
    weights = [route.weight for route in routes]
    if not 1 <= len(routes) <= _MAX_ROUTES:
        raise InvalidAlias("Routing configuration must contain one or two versions")
    if len(set(arns)) != len(arns):
        raise InvalidAlias(
            "Routing configuration must contain distinct state machine version ARNs. "
            f"Received: {_listed(arns)}"
        )
    if min(weights) < 0 or sum(weights) != 100:
        raise InvalidAlias(
            f"Sum of routing configuration weights must equal 100. Received: {json.dumps(weights)}"
        )
    found = [_VERSION.fullmatch(arn) for arn in arns]
    machines = {match["machine"] for match in found if match}
    if not all(found):
        raise InvalidAlias(
            "Routing configuration must contain state machine version ARNs. "
            f"Received: {_listed(arns)}"
        )
    if len(machines) != 1:
        raise InvalidAlias(
            "Routing configuration must contain versions of the same state machine. "
            f"Received: {_listed(arns)}"
        )
    return machines.pop(), routes


def _lock(connection: Connection, machine_arn: str) -> None:
    """Lock the aliases and versions of a state machine until the commit.

    Raises:
        StateMachineDeleting: It is being deleted.
        ReferenceNotFound: It does not exist, and therefore has no aliases and versions.
    """
    try:
        locked_machine(connection, machine_arn)
    except StateMachineDoesNotExist as error:
        raise ReferenceNotFound from error


def _require_versions(connection: Connection, routes: Sequence[Route]) -> None:
    for route in routes:
        if versions.find_version(connection, route.version_arn) is None:
            raise ReferenceNotFound


def _listed(arns: Sequence[str]) -> str:
    return f"[{', '.join(arns)}]"
