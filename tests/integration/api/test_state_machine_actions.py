"""State machines over the endpoint, by boto3."""

import json
from typing import Any

import pytest

from pipeline.executions.lifecycle import find_execution, stop_execution
from pipeline.executions.starting import start_machine
from tests.api_server import Api
from tests.integration.api.machines import (
    PREFIX,
    ROLE,
    WAITING,
    create,
    giving,
    new_name,
    refused,
)
from tests.machines import call, call_with_token, distributed, each, only, side_by_side

LOG_GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/steps/all:*"
LOGGING = {
    "level": "ALL",
    "includeExecutionData": True,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": LOG_GROUP}}],
}
CUSTOMER_KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/steps"}


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def test_a_created_machine_is_described_with_its_defaults(client: Any) -> None:
    name = new_name()
    created = create(client, name=name)
    assert created["stateMachineArn"] == f"{PREFIX}:stateMachine:{name}"
    assert "stateMachineVersionArn" not in created
    described = client.describe_state_machine(stateMachineArn=created["stateMachineArn"])
    described.pop("ResponseMetadata")
    assert described == {
        "stateMachineArn": created["stateMachineArn"],
        "name": name,
        "status": "ACTIVE",
        "type": "STANDARD",
        "definition": giving(1),
        "roleArn": ROLE,
        "creationDate": created["creationDate"],
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


def test_the_configuration_is_described_as_it_was_given(client: Any) -> None:
    arn = create(
        client,
        type="EXPRESS",
        loggingConfiguration=LOGGING,
        tracingConfiguration={"enabled": True},
        encryptionConfiguration=CUSTOMER_KEY,
    )["stateMachineArn"]
    described = client.describe_state_machine(stateMachineArn=arn)
    assert described["type"] == "EXPRESS"
    assert described["loggingConfiguration"] == LOGGING
    assert described["tracingConfiguration"] == {"enabled": True}
    expected = CUSTOMER_KEY | {"kmsDataKeyReusePeriodSeconds": 300}
    assert described["encryptionConfiguration"] == expected


def test_metadata_come_without_the_definition(client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    described = client.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")
    assert described["definition"] == "{}"
    assert described["roleArn"] == ROLE


def test_a_description_tells_which_states_refer_to_which_variables(client: Any) -> None:
    inner = only({"Type": "Pass", "Parameters": {"x.$": "$item"}, "End": True}, "Inner")
    machine = {
        "StartAt": "Keep",
        "States": {
            "Keep": {"Type": "Pass", "Assign": {"item.$": "$.a", "n": 2}, "Next": "Use"},
            "Use": side_by_side(inner, Parameters={"n.$": "$n"}),
        },
    }
    arn = create(client, definition=json.dumps(machine))["stateMachineArn"]
    references = {"Use": ["n"], "Inner": ["item"]}
    described = client.describe_state_machine(stateMachineArn=arn)
    assert described["variableReferences"] == references
    version = client.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    described = client.describe_state_machine(stateMachineArn=version)
    assert described["variableReferences"] == references
    execution = client.start_execution(stateMachineArn=arn, input='{"a": 1}')["executionArn"]
    client.update_state_machine(stateMachineArn=arn, definition=giving(1))
    described = client.describe_state_machine_for_execution(executionArn=execution)
    assert described["variableReferences"] == references
    assert "variableReferences" not in client.describe_state_machine(stateMachineArn=arn)
    described = client.describe_state_machine(stateMachineArn=version, includedData="METADATA_ONLY")
    assert "variableReferences" not in described


def test_creating_again_finds_the_machine_whatever_its_role_and_tags(client: Any) -> None:
    given = {"name": new_name(), "publish": True, "versionDescription": "first"}
    created = create(client, **given)
    again = create(client, **given, roleArn=ROLE + "2", tags=[{"key": "a", "value": "b"}])
    for answer in (created, again):
        answer.pop("ResponseMetadata")
    assert again == created
    described = client.describe_state_machine(stateMachineArn=created["stateMachineArn"])
    assert described["roleArn"] == ROLE
    tags = client.list_tags_for_resource(resourceArn=created["stateMachineArn"])["tags"]
    assert tags == []


@pytest.mark.parametrize(
    "differing",
    [
        {"definition": giving(2)},
        {"type": "EXPRESS"},
        {"loggingConfiguration": LOGGING},
        {"tracingConfiguration": {"enabled": True}},
        {"encryptionConfiguration": CUSTOMER_KEY},
        {"publish": True},
    ],
    ids=lambda differing: next(iter(differing)),
)
def test_a_name_is_not_given_to_another_machine(client: Any, differing: dict[str, Any]) -> None:
    name = new_name()
    arn = create(client, name=name)["stateMachineArn"]
    with refused("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'"):
        create(client, name=name, **differing)


@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "a*", "<a>", "a\u0085", "a\ufffe", "é\t"])
def test_a_name_has_none_of_the_forbidden_characters(client: Any, name: str) -> None:
    with refused("InvalidName", f"Invalid Name: '{name}'"):
        create(client, name=name)


def test_a_name_may_have_letters_of_any_script(client: Any) -> None:
    arn = create(client, name="Prüfung.審査-1_(b)")["stateMachineArn"]
    described = client.describe_state_machine(stateMachineArn=arn)
    assert described["name"] == "Prüfung.審査-1_(b)"


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"roleArn": "steps"}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: steps'"),
        ({"roleArn": "arn:aws:iam::1:role/x"}, "InvalidArn", "Invalid Role Arn"),
        (
            {"definition": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'},
            "InvalidDefinition",
            "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target:"
            " B at /States/A/Next'",
        ),
        ({"definition": "[]"}, "InvalidDefinition", "INVALID_JSON_DESCRIPTION: "),
        ({"definition": '{"a'}, "InvalidDefinition", "INVALID_JSON_DESCRIPTION: "),
        (
            {"definition": giving(1).replace("Pass", "Pause")},
            "InvalidDefinition",
            " at /States/Give/Type'",
        ),
        ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration", "exactly one"),
        (
            {"loggingConfiguration": LOGGING | {"destinations": LOGGING["destinations"] * 2}},  # type: ignore[operator]
            "InvalidLoggingConfiguration",
            "exactly one Log Destination",
        ),
        (
            {"loggingConfiguration": LOGGING | {"destinations": [{}]}},
            "InvalidLoggingConfiguration",
            "log group",
        ),
        ({"tracingConfiguration": {}}, "InvalidTracingConfiguration", "'enabled'"),
        (
            {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
            "InvalidEncryptionConfiguration",
            "'kmsKeyId'",
        ),
        (
            {"encryptionConfiguration": {"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}},
            "InvalidEncryptionConfiguration",
            "'kmsKeyId'",
        ),
        (
            {"versionDescription": "first"},
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
    ],
)
def test_what_cannot_be_created_is_refused_by_the_models_error(
    client: Any, given: dict[str, Any], code: str, message: str
) -> None:
    name = new_name()
    with refused(code, message):
        create(client, name=name, **given)
    with refused("StateMachineDoesNotExist"):
        client.describe_state_machine(stateMachineArn=f"{PREFIX}:stateMachine:{name}")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (call_with_token("ask", {}), "does not support '.waitForTaskToken'"),
        (
            call("x") | {"Resource": f"{PREFIX}:activity:paint"},
            "does not support Activity ARN at /States/S/Resource",
        ),
        (each(distributed(call("x"))), "mode DISTRIBUTED at /States/S'"),
    ],
    ids=["callback", "activity", "distributed map"],
)
def test_an_express_machine_is_refused_what_only_standard_ones_have(
    client: Any, state: dict[str, Any], message: str
) -> None:
    definition = json.dumps(only(state, "S"))
    with refused("InvalidDefinition", message):
        create(client, definition=definition, type="EXPRESS")
    assert create(client, definition=definition)["stateMachineArn"]


def test_an_update_makes_a_new_revision_of_what_is_given(client: Any) -> None:
    arn = create(client, loggingConfiguration=LOGGING)["stateMachineArn"]
    first = client.update_state_machine(stateMachineArn=arn, definition=giving(2))
    second = client.update_state_machine(
        stateMachineArn=arn, roleArn=ROLE + "2", publish=True, versionDescription="role"
    )
    assert first["revisionId"] != second["revisionId"]
    assert second["stateMachineVersionArn"] == f"{arn}:1"
    described = client.describe_state_machine(stateMachineArn=arn)
    assert described["definition"] == giving(2)
    assert described["roleArn"] == ROLE + "2"
    assert described["revisionId"] == second["revisionId"]
    assert described["loggingConfiguration"] == LOGGING


def test_an_update_that_changes_nothing_keeps_the_revision(client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    made = client.update_state_machine(stateMachineArn=arn, definition=giving(2))
    again = client.update_state_machine(stateMachineArn=arn, definition=giving(2), roleArn=ROLE)
    assert again["revisionId"] == made["revisionId"]


def test_an_update_needs_something_to_change(client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    with refused("MissingRequiredParameter", "Either the definition, the role ARN"):
        client.update_state_machine(stateMachineArn=arn, publish=True)


def test_an_express_machine_stays_one_when_it_is_updated(client: Any) -> None:
    arn = create(client, type="EXPRESS")["stateMachineArn"]
    definition = json.dumps(only(call_with_token("ask", {})))
    with refused("InvalidDefinition"):
        client.update_state_machine(stateMachineArn=arn, definition=definition)


def test_a_deleted_machine_is_gone_and_its_name_free(client: Any) -> None:
    name = new_name()
    arn = create(client, name=name, publish=True)["stateMachineArn"]
    client.delete_state_machine(stateMachineArn=arn)
    for gone in (arn, f"{arn}:1"):
        with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{gone}'"):
            client.describe_state_machine(stateMachineArn=gone)
    client.delete_state_machine(stateMachineArn=arn)
    create(client, name=name, definition=giving(2), publish=True)
    described = client.describe_state_machine(stateMachineArn=f"{arn}:1")
    assert described["definition"] == giving(2)


def test_a_machine_is_deleted_when_its_last_execution_has_ended(api: Api, client: Any) -> None:
    name = new_name()
    arn = create(client, name=name, definition=WAITING, publish=True)["stateMachineArn"]
    execution = start_machine(api.engine, arn, input={})
    client.delete_state_machine(stateMachineArn=arn)
    assert client.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    for act in (
        lambda: create(client, name=name, definition=WAITING, publish=True),
        lambda: client.update_state_machine(stateMachineArn=arn, roleArn=ROLE),
        lambda: client.publish_state_machine_version(stateMachineArn=arn),
        lambda: client.list_state_machine_aliases(stateMachineArn=arn),
    ):
        with refused("StateMachineDeleting"):
            act()
    assert find_execution(api.engine, execution.arn).status == "RUNNING"
    stop_execution(api.engine, execution.arn)
    # Whoever asks for the name first, or the next sweep, finds that it is free.
    assert create(client, name=name, definition=giving(2))["stateMachineArn"] == arn


def test_the_sweeper_removes_what_was_being_deleted(api: Api, client: Any) -> None:
    arn = create(client, definition=WAITING)["stateMachineArn"]
    execution = start_machine(api.engine, arn, input={})
    client.delete_state_machine(stateMachineArn=arn)
    stop_execution(api.engine, execution.arn)

    def is_gone() -> bool:
        listed = client.get_paginator("list_state_machines").paginate()
        return arn not in [
            machine["stateMachineArn"] for page in listed for machine in page["stateMachines"]
        ]

    api.platform.until(is_gone)


def test_an_execution_keeps_the_revision_that_it_started_with(api: Api, client: Any) -> None:
    arn = create(client, definition=WAITING)["stateMachineArn"]
    revision = client.update_state_machine(stateMachineArn=arn, loggingConfiguration=LOGGING)
    execution = start_machine(api.engine, arn, input={})
    client.update_state_machine(stateMachineArn=arn, definition=giving(1), roleArn=ROLE + "2")
    described = client.describe_state_machine_for_execution(executionArn=execution.arn)
    stop_execution(api.engine, execution.arn)
    assert described["stateMachineArn"] == arn
    assert described["definition"] == WAITING
    assert described["roleArn"] == ROLE
    assert described["revisionId"] == revision["revisionId"]
    assert described["updateDate"] == revision["updateDate"]
    assert described["loggingConfiguration"] == LOGGING
    assert (
        client.describe_state_machine_for_execution(
            executionArn=execution.arn, includedData="METADATA_ONLY"
        )["definition"]
        == "{}"
    )


def test_an_execution_has_the_role_of_its_machine_and_the_names_of_its_account(api: Api) -> None:
    other = api.client("stepfunctions", account_id="111122223333", region="eu-west-1")
    context = only({"Type": "Pass", "Parameters": {"c.$": "$$.Execution"}, "End": True})
    made = create(other, definition=json.dumps(context))
    execution = start_machine(api.engine, made["stateMachineArn"], input={}, name="mine")
    ended = api.platform.wait(execution)
    prefix = "arn:aws:states:eu-west-1:111122223333"
    assert made["stateMachineArn"].startswith(f"{prefix}:stateMachine:")
    assert ended.output["c"]["Id"].startswith(f"{prefix}:execution:")
    assert ended.output["c"]["RoleArn"] == ROLE


@pytest.mark.parametrize(
    ("fields", "label"), [({"Label": "pages"}, "pages"), ({}, "Each")], ids=["label", "name"]
)
def test_a_distributed_map_is_described_by_its_label(
    client: Any, fields: dict[str, str], label: str
) -> None:
    processor = distributed({"Type": "Pass", "Output": "{% $own %}", "End": True})
    (name,) = processor["States"]
    outer = side_by_side(only(each(processor, Items="{% $all %}", **fields), "Each"))
    definition = {**only(outer, "Fan/out"), "QueryLanguage": "JSONata"}
    arn = create(client, definition=json.dumps(definition))["stateMachineArn"]
    described = client.describe_state_machine(stateMachineArn=f"{arn}/{label}")
    assert described["stateMachineArn"] == f"{arn}/{label}"
    assert described["label"] == label
    assert json.loads(described["definition"]) == processor
    assert described["variableReferences"] == {name: ["own"]}
    described = client.describe_state_machine(
        stateMachineArn=f"{arn}/{label}", includedData="METADATA_ONLY"
    )
    assert described["definition"] == "{}"
    with refused("StateMachineDoesNotExist"):
        client.describe_state_machine(stateMachineArn=f"{arn}/other")
