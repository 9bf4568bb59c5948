"""Activities and task tokens over the endpoint, by boto3."""

import base64
import json
from typing import Any

import pytest

from pipeline.api.actions import activities
from tests.api_server import Api
from tests.integration.api.machines import PREFIX, create, new_name, refused
from tests.machines import only, side_by_side

UNKNOWN = f"{PREFIX}:activity:unknown"


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


@pytest.fixture
def arn(client: Any) -> str:
    """ARN of a fresh activity."""
    return str(client.create_activity(name=new_name())["activityArn"])


def painted(arn: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": arn, "End": True, **fields}


def start(api: Api, definition: dict[str, Any], given: object = None) -> Any:
    return api.platform.start(definition, given)


def test_an_activity_is_created_described_listed_and_deleted(client: Any) -> None:
    name = new_name()
    created = client.create_activity(name=name)
    arn = created["activityArn"]
    assert arn == f"{PREFIX}:activity:{name}"
    described = client.describe_activity(activityArn=arn)
    assert described["name"] == name
    assert described["creationDate"] == created["creationDate"]
    assert described["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    pages = client.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 1})
    listed = [activity for page in pages for activity in page["activities"]]
    assert {"activityArn": arn, "name": name, "creationDate": created["creationDate"]} in listed
    client.delete_activity(activityArn=arn)
    client.delete_activity(activityArn=arn)
    with refused("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'"):
        client.describe_activity(activityArn=arn)


def test_creating_an_activity_again_changes_nothing(client: Any) -> None:
    name, tags = new_name(), [{"key": "team", "value": "red"}]
    created = client.create_activity(name=name, tags=tags)
    again = client.create_activity(name=name, tags=[{"key": "team", "value": "blue"}])
    assert again["creationDate"] == created["creationDate"]
    arn = created["activityArn"]
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == tags
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/mine"}
    with refused("ActivityAlreadyExists", arn):
        client.create_activity(name=name, encryptionConfiguration=key)


def test_activities_of_other_accounts_and_regions_are_not_listed(api: Api, client: Any) -> None:
    for other in ({"account_id": "111122223333"}, {"region": "eu-west-1"}):
        theirs = api.client("stepfunctions", **other)
        arn = theirs.create_activity(name=new_name())["activityArn"]
        assert [one["activityArn"] for one in theirs.list_activities()["activities"]] == [arn]
        pages = client.get_paginator("list_activities").paginate()
        assert arn not in [one["activityArn"] for page in pages for one in page["activities"]]


@pytest.mark.parametrize("name", ["with space", "a/b", "a:b", "a*", "<a>"])
def test_a_name_that_aws_forbids_is_refused(client: Any, name: str) -> None:
    with refused("InvalidName", f"Invalid Name: '{name}'"):
        client.create_activity(name=name)


@pytest.mark.parametrize("action", ["describe_activity", "delete_activity", "get_activity_task"])
@pytest.mark.parametrize("arn", ["painter", f"{PREFIX}:stateMachine:painter"])
def test_what_is_no_arn_of_an_activity_is_refused(client: Any, action: str, arn: str) -> None:
    with refused("InvalidArn", "Invalid Arn: '"):
        getattr(client, action)(activityArn=arn)


def test_a_worker_polls_for_a_task_and_answers_it(api: Api, client: Any, arn: str) -> None:
    execution = start(api, only(painted(arn)), {"colour": "rot 🎨"})
    task = client.get_activity_task(activityArn=arn, workerName="ada")
    assert json.loads(task["input"]) == {"colour": "rot 🎨"}
    client.send_task_heartbeat(taskToken=task["taskToken"])
    client.send_task_success(taskToken=task["taskToken"], output='{"done": true}')
    assert api.platform.wait(execution).output == {"done": True}
    with refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"):
        client.send_task_success(taskToken=task["taskToken"], output="1")
    with refused("TaskTimedOut"):
        client.send_task_heartbeat(taskToken=task["taskToken"])


def test_a_worker_fails_its_task(api: Api, client: Any, arn: str) -> None:
    execution = start(api, only(painted(arn)))
    task = client.get_activity_task(activityArn=arn)
    client.send_task_failure(taskToken=task["taskToken"], error="Spilled", cause="too full")
    ended = api.platform.wait(execution)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "Spilled", "too full")


def test_two_polls_get_the_tasks_of_two_branches(api: Api, client: Any, arn: str) -> None:
    branches = [only(painted(arn, Parameters={"branch": branch})) for branch in (0, 1)]
    execution = start(api, only(side_by_side(*branches)))
    for _ in branches:
        task = client.get_activity_task(activityArn=arn)
        client.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert api.platform.wait(execution).output == [{"branch": 0}, {"branch": 1}]


def test_a_poll_for_which_there_is_no_task_ends_with_no_token(
    client: Any, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities, "LONG_POLL_SECONDS", 0.05)
    polled = client.get_activity_task(activityArn=arn)
    assert "taskToken" not in polled
    assert "input" not in polled


def test_a_poll_for_an_activity_that_is_not_there_is_refused(client: Any) -> None:
    with refused("ActivityDoesNotExist"):
        client.get_activity_task(activityArn=UNKNOWN)


def test_a_caller_that_has_gone_is_not_given_the_task(api: Api, client: Any, arn: str) -> None:
    hasty = api.client("stepfunctions", read_timeout=0.2)
    with pytest.raises(Exception, match="Read timeout"):
        hasty.get_activity_task(activityArn=arn)
    start(api, only(painted(arn)), "kept")
    assert json.loads(client.get_activity_task(activityArn=arn)["input"]) == "kept"


@pytest.mark.parametrize(
    "token",
    [
        "no token",
        "AAAA",
        base64.b64encode(b"frame:").decode(),
        base64.b64encode(b"\x00:secret").decode(),
    ],
)
def test_what_is_no_token_is_refused(client: Any, token: str) -> None:
    with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
        client.send_task_success(taskToken=token, output="1")
    with refused("InvalidToken"):
        client.send_task_failure(taskToken=token)
    with refused("InvalidToken"):
        client.send_task_heartbeat(taskToken=token)


def test_a_token_of_no_known_task_is_refused(client: Any) -> None:
    token = base64.urlsafe_b64encode(b"nobody:secret").decode()
    with refused("TaskDoesNotExist"):
        client.send_task_failure(taskToken=token)


def test_an_output_that_is_not_json_is_refused_and_the_task_goes_on(
    api: Api, client: Any, arn: str
) -> None:
    execution = start(api, only(painted(arn)))
    token = client.get_activity_task(activityArn=arn)["taskToken"]
    with refused("InvalidOutput", "Invalid Output: '"):
        client.send_task_success(taskToken=token, output="{nonsense")
    with refused("InvalidOutput", "Invalid Output: '"):
        client.send_task_success(taskToken=token, output="[" * 100_000)
    with refused("ValidationException"):
        client.send_task_success(taskToken=token, output=f'"{"x" * 262_144}"')
    client.send_task_success(taskToken=token, output="null")
    assert api.platform.wait(execution).output is None


def test_a_guess_at_a_token_of_a_running_task_is_refused(api: Api, client: Any, arn: str) -> None:
    execution = start(api, only(painted(arn)))
    client.get_activity_task(activityArn=arn)
    guess = base64.urlsafe_b64encode(f"{execution.id}:secret".encode()).decode()
    with refused("TaskTimedOut"):
        client.send_task_success(taskToken=guess, output="1")
    assert api.platform.status(execution) == "RUNNING"


def test_a_machine_with_an_activity_runs_over_the_endpoint(client: Any, arn: str) -> None:
    machine = create(client, definition=json.dumps(only(painted(arn))))["stateMachineArn"]
    with refused("InvalidDefinition"):
        create(client, definition=json.dumps(only(painted(arn))), type="EXPRESS")
    assert client.describe_state_machine(stateMachineArn=machine)["status"] == "ACTIVE"
