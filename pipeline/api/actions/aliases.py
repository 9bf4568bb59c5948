"""Actions on aliases of state machines."""

from typing import Any

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import StateMachineArn, read_state_machine_arn
from pipeline.ledger.aliases import AliasRow
from pipeline.state_machines import aliases


def create_state_machine_alias(call: Call) -> Output:
    """Create an alias, or return the one that an equal request created."""
    given = call.input
    with as_api_errors():
        alias = aliases.create_alias(
            call.engine,
            name=given["name"],
            routing=_routing(call, given["routingConfiguration"]),
            description=given.get("description", ""),
        )
    return {"stateMachineAliasArn": alias.arn, "creationDate": alias.created_at}


def update_state_machine_alias(call: Call) -> Output:
    """Change the routing or the description of an alias."""
    given = call.input
    arn = _alias_arn(call)
    routing = given.get("routingConfiguration")
    if routing is None and "description" not in given:
        raise ApiError(
            "ValidationException",
            "Either the description or the RoutingConfiguration must be specified",
            reason="MISSING_REQUIRED_PARAMETER",
        )
    with as_api_errors():
        alias = aliases.update_alias(
            call.engine,
            arn.text,
            routing=None if routing is None else _routing(call, routing),
            description=given.get("description"),
        )
    return {"updateDate": alias.updated_at}


def describe_state_machine_alias(call: Call) -> Output:
    """Describe an alias."""
    with as_api_errors():
        alias = aliases.find_alias(call.engine, _alias_arn(call).text)
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description or None,
        "routingConfiguration": [
            {"stateMachineVersionArn": route.version_arn, "weight": route.weight}
            for route in alias.routing
        ],
        "creationDate": alias.created_at,
        "updateDate": alias.updated_at,
    }


def delete_state_machine_alias(call: Call) -> Output:
    """Delete an alias; do nothing if it does not exist."""
    aliases.delete_alias(call.engine, _alias_arn(call).text)
    return {}


def list_state_machine_aliases(call: Call) -> Output:
    """List the aliases of a state machine, or those that route to a version, newest first."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"])

    def fetch(before: Position | None, limit: int) -> list[AliasRow]:
        with as_api_errors():
            return aliases.list_aliases(
                call.engine,
                arn.machine_arn,
                version_arn=arn.text if arn.is_version else None,
                before=None if before is None else (float(before[0]), str(before[1])),
                limit=limit,
            )

    rows, token = read_page(
        call, ["ListStateMachineAliases", arn.text], fetch, lambda row: [row.created_at, row.arn]
    )
    listed = [{"stateMachineAliasArn": row.arn, "creationDate": row.created_at} for row in rows]
    return {"stateMachineAliases": listed, "nextToken": token}


def _alias_arn(call: Call) -> StateMachineArn:
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineAliasArn"])
    if not arn.is_alias:
        raise ApiError("InvalidArn", f"Invalid Arn: 'Not the ARN of an alias: {arn.text}'")
    return arn


def _routing(call: Call, given: list[dict[str, Any]]) -> list[tuple[str, int]]:
    routes = [(route["stateMachineVersionArn"], route["weight"]) for route in given]
    for version_arn, _ in routes:
        read_state_machine_arn(call.account_id, version_arn)
    return routes
