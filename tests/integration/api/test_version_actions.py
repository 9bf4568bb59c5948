"""Published versions over the endpoint, by boto3."""

from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import (
    ROLE,
    UNKNOWN,
    create,
    giving,
    refused,
    routes,
    two_versions,
)


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def test_a_version_is_described_as_it_was_published(client: Any) -> None:
    created = create(client, publish=True, versionDescription="first")
    arn = created["stateMachineArn"]
    assert created["stateMachineVersionArn"] == f"{arn}:1"
    client.update_state_machine(stateMachineArn=arn, definition=giving(2), roleArn=ROLE + "2")
    described = client.describe_state_machine(stateMachineArn=f"{arn}:1")
    assert described["stateMachineArn"] == f"{arn}:1"
    assert described["definition"] == giving(1)
    assert described["roleArn"] == ROLE
    assert described["description"] == "first"
    assert described["status"] == "ACTIVE"
    assert "revisionId" not in described


def test_publishing_the_same_revision_again_gives_the_same_version(client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    first = client.publish_state_machine_version(stateMachineArn=arn, description="first")
    again = client.publish_state_machine_version(stateMachineArn=arn, description="again")
    assert first["stateMachineVersionArn"] == again["stateMachineVersionArn"] == f"{arn}:1"
    assert first["creationDate"] == again["creationDate"]
    assert client.describe_state_machine(stateMachineArn=f"{arn}:1")["description"] == "first"


def test_only_the_wanted_revision_is_published(client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    with refused(
        "ConflictException",
        "Failed to publish the State Machine version for revision other. "
        "The current State Machine revision is INITIAL.",
    ):
        client.publish_state_machine_version(stateMachineArn=arn, revisionId="other")
    client.publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL")
    revision = client.update_state_machine(stateMachineArn=arn, definition=giving(2))["revisionId"]
    with refused("ConflictException"):
        client.publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL")
    published = client.publish_state_machine_version(stateMachineArn=arn, revisionId=revision)
    assert published["stateMachineVersionArn"] == f"{arn}:2"


def test_a_number_is_not_given_again(client: Any) -> None:
    arn = two_versions(client)
    client.delete_state_machine_version(stateMachineVersionArn=f"{arn}:2")
    with refused("StateMachineDoesNotExist"):
        client.describe_state_machine(stateMachineArn=f"{arn}:2")
    published = client.publish_state_machine_version(stateMachineArn=arn)
    assert published["stateMachineVersionArn"] == f"{arn}:3"


def test_versions_are_listed_newest_first(client: Any) -> None:
    arn = create(client, publish=True)["stateMachineArn"]
    for number in range(2, 6):
        client.update_state_machine(stateMachineArn=arn, definition=giving(number), publish=True)
    listed, token = [], None
    while len(listed) < 5:
        page = client.list_state_machine_versions(
            stateMachineArn=arn, maxResults=2, **({"nextToken": token} if token else {})
        )
        listed += [version["stateMachineVersionArn"] for version in page["stateMachineVersions"]]
        token = page.get("nextToken")
    assert listed == [f"{arn}:{number}" for number in (5, 4, 3, 2, 1)]
    assert token is None


def test_a_token_of_another_machine_is_refused(client: Any) -> None:
    arn, other = two_versions(client), two_versions(client)
    token = client.list_state_machine_versions(stateMachineArn=arn, maxResults=1)["nextToken"]
    with refused("InvalidToken"):
        client.list_state_machine_versions(stateMachineArn=other, nextToken=token)


def test_a_version_that_an_alias_refers_to_stays(client: Any) -> None:
    arn = two_versions(client)
    for name in ("live", "next"):
        client.create_state_machine_alias(name=name, routingConfiguration=routes((f"{arn}:1", 100)))
    with refused("ConflictException") as response:
        client.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    assert response["Error"]["Message"] == (
        "Version to be deleted must not be referenced by an alias. "
        "Current list of aliases referencing this version: [live, next]"
    )
    for name in ("live", "next"):
        client.update_state_machine_alias(
            stateMachineAliasArn=f"{arn}:{name}", routingConfiguration=routes((f"{arn}:2", 100))
        )
    client.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    listed = client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in listed] == [f"{arn}:2"]


def test_what_is_not_there_is_told_by_the_models_error(client: Any) -> None:
    with refused("StateMachineDoesNotExist"):
        client.publish_state_machine_version(stateMachineArn=UNKNOWN)
    with refused("InvalidArn", "State Machine Does Not Exist"):
        client.list_state_machine_versions(stateMachineArn=UNKNOWN)
    assert client.delete_state_machine_version(stateMachineVersionArn=f"{UNKNOWN}:7")


def test_bad_arns_are_refused(client: Any) -> None:
    for act in (
        lambda: client.publish_state_machine_version(stateMachineArn="machine"),
        lambda: client.list_state_machine_versions(stateMachineArn="machine"),
        lambda: client.delete_state_machine_version(stateMachineVersionArn="machine"),
        lambda: client.delete_state_machine_version(stateMachineVersionArn=UNKNOWN),
        lambda: client.delete_state_machine_version(stateMachineVersionArn=f"{UNKNOWN}:live"),
    ):
        with refused("InvalidArn", "Invalid Arn: '"):
            act()
