"""Actions on state machines."""

from typing import Any

from pipeline.api.actions.executions import find_any
from pipeline.api.actions.tags import read_tags
from pipeline.api.call import Call, Output
from pipeline.api.configurations import read_configuration
from pipeline.api.errors import ApiError
from pipeline.api.pagination import Position, read_page
from pipeline.api.translated_errors import as_api_errors
from pipeline.engine.arns import StateMachineArn, read_execution_arn, read_state_machine_arn
from pipeline.engine.machine_names import MachineName
from pipeline.engine.names import check_name
from pipeline.ledger.revisions import Revision
from pipeline.ledger.state_machines import MachineStatus, MachineType, StateMachineRow
from pipeline.state_machines import machines
from pipeline.state_machines.definitions import LabelledMap, labelled_map, variable_references
from pipeline.state_machines.errors import StateMachineDoesNotExist
from pipeline.state_machines.machines import find_state_machine
from pipeline.state_machines.versions import find_version, shown_revision

_CHANGEABLE = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
)


def create_state_machine(call: Call) -> Output:
    """Create a state machine, or return the one that an equal request created."""
    given = call.input
    check_name(given["name"])
    with as_api_errors(given["definition"]):
        row = machines.create_state_machine(
            call.engine,
            name=MachineName(name=given["name"], region=call.region, account_id=call.account_id),
            definition=given["definition"],
            machine_type=MachineType(given.get("type", MachineType.STANDARD)),
            configuration=read_configuration(given),
            tags=read_tags(given.get("tags", [])),
            publish=given.get("publish", False),
            description=_version_description(given),
        )
    output = {"stateMachineArn": row.arn, "creationDate": row.created_at}
    if given.get("publish", False):
        output["stateMachineVersionArn"] = f"{row.arn}:1"
    return output


def update_state_machine(call: Call) -> Output:
    """Change a state machine's definition, role or configuration."""
    given = call.input
    arn = read_state_machine_arn(call.account_id, given["stateMachineArn"])
    if not any(name in given for name in _CHANGEABLE):
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, "
            "or the TracingConfiguration must be specified",
        )
    with as_api_errors(given.get("definition")):
        row = machines.update_state_machine(
            call.engine,
            arn.text,
            definition=given.get("definition"),
            configuration=read_configuration(given),
            publish=given.get("publish", False),
            description=_version_description(given),
        )
    output: Output = {
        "updateDate": row.revision.created_at,
        "revisionId": shown_revision(row.revision),
    }
    if given.get("publish", False):
        output["stateMachineVersionArn"] = f"{row.arn}:{row.latest_version}"
    return output


def _version_description(given: dict[str, Any]) -> str:
    description: str = given.get("versionDescription", "")
    if description and not given.get("publish", False):
        raise ApiError(
            "ValidationException", "Version description can only be set when publish is true"
        )
    return description


def describe_state_machine(call: Call) -> Output:
    """Describe a state machine, a version of it, or a distributed Map state in it."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"], labelled=True)
    with as_api_errors():
        if arn.label is not None:
            return _described_map(call, arn, arn.label)
        return _described_version(call, arn) if arn.is_version else _described(call, arn)


def _described(call: Call, arn: StateMachineArn) -> Output:
    machine = find_state_machine(call.engine, arn.text)
    return {
        "stateMachineArn": machine.arn,
        "status": machine.status,
        "type": machine.type,
        "creationDate": machine.created_at,
        **_revision(call, machine.name, machine.revision),
    }


def _described_version(call: Call, arn: StateMachineArn) -> Output:
    version = find_version(call.engine, arn.text)
    machine = find_state_machine(call.engine, version.machine_arn)
    return {
        "stateMachineArn": version.arn,
        "status": MachineStatus.ACTIVE,
        "type": machine.type,
        "creationDate": version.created_at,
        "description": version.description or None,
        **_revision(call, machine.name, version.revision),
    }


def _described_map(call: Call, arn: StateMachineArn, label: str) -> Output:
    machine = find_state_machine(call.engine, arn.machine_arn)
    found = labelled_map(call.engine, machine.revision.definition_id, label)
    if found is None or arn.qualifier is not None:
        raise StateMachineDoesNotExist(arn.text)
    return {
        "stateMachineArn": arn.text,
        "status": machine.status,
        "type": found.execution_type,
        "creationDate": machine.created_at,
        "label": label,
        **_revision(call, machine.name, machine.revision, found),
    }


def describe_state_machine_for_execution(call: Call) -> Output:
    """Describe the state machine with the revision that an execution runs."""
    arn = read_execution_arn(call.account_id, call.input["executionArn"], express=False)
    execution, child = find_any(call, arn)
    revision = machines.revision_of(call.engine, execution)
    found = None
    if arn.label is not None:
        found = labelled_map(call.engine, revision.definition_id, arn.label)
    machine_name, _, _ = execution.machine_name.partition("/")
    return {
        "stateMachineArn": execution.machine_arn,
        "updateDate": revision.created_at,
        "mapRunArn": child.map_run.arn if child else None,
        "label": arn.label,
        **_revision(call, machine_name, revision, found),
    }


def _revision(
    call: Call, name: str, revision: Revision, labelled: LabelledMap | None = None
) -> Output:
    return {
        "name": name,
        **_definition(call, revision, labelled),
        "roleArn": revision.role_arn,
        "loggingConfiguration": revision.logging_configuration,
        "tracingConfiguration": {"enabled": revision.tracing_enabled},
        "encryptionConfiguration": revision.encryption_configuration,
        "revisionId": shown_revision(revision),
    }


def _definition(call: Call, revision: Revision, labelled: LabelledMap | None) -> Output:
    """The definition, and which of its states refer to which variables."""
    if call.input.get("includedData") == "METADATA_ONLY":
        return {"definition": "{}"}
    text = call.engine.definitions.text(revision.definition_id)
    references = variable_references(text, labelled.scope if labelled else "")
    return {
        "definition": labelled.definition if labelled else text,
        "variableReferences": references or None,
    }


def list_state_machines(call: Call) -> Output:
    """List the caller's state machines."""

    def fetch(after: Position | None, limit: int) -> list[StateMachineRow]:
        return machines.list_state_machines(
            call.engine,
            account_id=call.account_id,
            region=call.region,
            after=None if after is None else (float(after[0]), str(after[1])),
            limit=limit,
        )

    rows, token = read_page(
        call, ["ListStateMachines"], fetch, lambda row: [row.created_at, row.arn]
    )
    listed = [
        {
            "stateMachineArn": row.arn,
            "name": row.name,
            "type": row.type,
            "creationDate": row.created_at,
        }
        for row in rows
    ]
    return {"stateMachines": listed, "nextToken": token}


def delete_state_machine(call: Call) -> Output:
    """Delete a state machine; do nothing if it does not exist."""
    arn = read_state_machine_arn(call.account_id, call.input["stateMachineArn"], qualified=False)
    machines.delete_state_machine(call.engine, arn.text)
    return {}
