"""Actions on published versions of state machines."""

from pipeline.api.call import Call, Output
from pipeline.api.errors import ApiError
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import read_state_machine_arn
from pipeline.ledger.versions import VersionRow
from pipeline.state_machines import versions
from pipeline.state_machines.errors import StateMachineDoesNotExist
from pipeline.state_machines.machines import find_state_machine


def publish_state_machine_version(call: Call) -> Output:
    """Publish the newest revision, or return its existing version."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"])
    with as_api_errors():
        version = versions.publish_version(
            call.engine,
            arn.text,
            description=call.input.get("description", ""),
            revision_id=call.input.get("revisionId"),
        )
    return {"creationDate": version.created_at, "stateMachineVersionArn": version.arn}


def list_state_machine_versions(call: Call) -> Output:
    """List the versions of a state machine, newest first."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"]).text
    try:
        find_state_machine(call.engine, arn)
    except StateMachineDoesNotExist as error:
        # The action's model has no error for this.
        raise ApiError("InvalidArn", f"Invalid Arn: '{error}'") from error

    def fetch(before: Position | None, limit: int) -> list[VersionRow]:
        number = None if before is None else int(before[0])
        return versions.list_versions(call.engine, arn, before=number, limit=limit)

    rows, token = read_page(
        call, ["ListStateMachineVersions", arn], fetch, lambda row: [row.number]
    )
    listed = [{"stateMachineVersionArn": row.arn, "creationDate": row.created_at} for row in rows]
    return {"stateMachineVersions": listed, "nextToken": token}


def delete_state_machine_version(call: Call) -> Output:
    """Delete a version; do nothing if it does not exist."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineVersionArn"])
    if not arn.is_version:
        raise ApiError("InvalidArn", f"Invalid Arn: 'Not the ARN of a version: {arn.text}'")
    with as_api_errors():
        versions.delete_version(call.engine, arn.machine_arn, arn.text)
    return {}
