"""Tags over the endpoint, by boto3."""

from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import PREFIX, UNKNOWN, create, new_name, refused


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


@pytest.fixture(params=["state machine", "activity"])
def arn(request: pytest.FixtureRequest, client: Any) -> str:
    """Something that can have tags."""
    if request.param == "activity":
        return str(client.create_activity(name=new_name())["activityArn"])
    return str(create(client)["stateMachineArn"])


def tags(**given: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in given.items()]


def test_tags_are_given_replaced_and_taken(client: Any, arn: str) -> None:
    client.tag_resource(resourceArn=arn, tags=tags(team="blue", stage="test"))
    client.tag_resource(resourceArn=arn, tags=tags(team="red", Größe="ü_.:/=+-@ 1"))
    client.untag_resource(resourceArn=arn, tagKeys=["stage", "unknown"])
    listed = client.list_tags_for_resource(resourceArn=arn)["tags"]
    assert {tag["key"]: tag["value"] for tag in listed} == {"team": "red", "Größe": "ü_.:/=+-@ 1"}


def test_a_machine_is_created_with_its_tags_and_deleted_with_them(client: Any) -> None:
    name = new_name()
    arn = create(client, name=name, tags=tags(team="blue"))["stateMachineArn"]
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == tags(team="blue")
    client.delete_state_machine(stateMachineArn=arn)
    with refused("ResourceNotFound"):
        client.list_tags_for_resource(resourceArn=arn)
    create(client, name=name)
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == []


def test_there_are_at_most_fifty_tags(client: Any, arn: str) -> None:
    client.tag_resource(resourceArn=arn, tags=tags(**{f"k{i}": "" for i in range(50)}))
    client.tag_resource(resourceArn=arn, tags=tags(k0="again"))
    with refused("TooManyTags") as response:
        client.tag_resource(resourceArn=arn, tags=tags(k50=""))
    assert response["resourceName"] == arn
    assert len(client.list_tags_for_resource(resourceArn=arn)["tags"]) == 50


def test_a_machine_with_too_many_tags_is_not_created(client: Any) -> None:
    name = new_name()
    with refused("TooManyTags"):
        create(client, name=name, tags=tags(**{f"k{i}": "" for i in range(51)}))
    with refused("StateMachineDoesNotExist"):
        client.describe_state_machine(stateMachineArn=f"{PREFIX}:stateMachine:{name}")


@pytest.mark.parametrize(
    "tag",
    [{"key": "aws:owner", "value": "x"}, {"value": "x"}, {"key": "a*"}, {"key": "a", "value": "#"}],
)
def test_a_tag_that_aws_does_not_take_is_refused(client: Any, arn: str, tag: Any) -> None:
    with refused("ValidationException"):
        client.tag_resource(resourceArn=arn, tags=[tag])


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (UNKNOWN, "ResourceNotFound"),
        (f"{UNKNOWN}:1", "ResourceNotFound"),
        (f"{PREFIX}:activity:unknown", "ResourceNotFound"),
        ("machine", "InvalidArn"),
        (f"{PREFIX}:execution:a:b", "InvalidArn"),
    ],
)
def test_what_has_no_tags_is_told_by_the_models_error(client: Any, arn: str, code: str) -> None:
    for act in (
        lambda: client.tag_resource(resourceArn=arn, tags=tags(a="b")),
        lambda: client.untag_resource(resourceArn=arn, tagKeys=["a"]),
        lambda: client.list_tags_for_resource(resourceArn=arn),
    ):
        with refused(code):
            act()
