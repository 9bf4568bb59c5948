"""boto3 calls every action of the service model: well, and in each way that is wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.session import get_session

from tests.api_server import Api
from tests.machines import distributed, each, only

MODEL = get_session().get_service_model("stepfunctions")

PREFIX = "arn:aws:states:us-east-1:000000000000"
ROLE = "arn:aws:iam::000000000000:role/any"
PASS = json.dumps(only({"Type": "Pass", "End": True}, "P"))
FAIL = json.dumps(only({"Type": "Fail", "Error": "E"}, "F"))
WAIT = json.dumps(only({"Type": "Wait", "Seconds": 3600, "End": True}, "W"))
ONE_STATE = json.dumps({"Type": "Pass", "Next": "Elsewhere"})
UNKNOWN = {
    "stateMachineArn": f"{PREFIX}:stateMachine:nobody",
    "stateMachineVersionArn": f"{PREFIX}:stateMachine:nobody:1",
    "stateMachineAliasArn": f"{PREFIX}:stateMachine:nobody:live",
    "executionArn": f"{PREFIX}:execution:nobody:one",
    "mapRunArn": f"{PREFIX}:mapRun:nobody/one:2f8e3b1c-0000-4000-8000-000000000000",
    "activityArn": f"{PREFIX}:activity:nobody",
    "resourceArn": f"{PREFIX}:stateMachine:nobody",
}
"""ARNs of what is not there, by the member that takes them."""

DELETED_ANYWAY = {
    "DeleteActivity",
    "DeleteStateMachine",
    "DeleteStateMachineAlias",
    "DeleteStateMachineVersion",
}
"""Actions that succeed when there is nothing to delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to call actions on."""

    url: str
    client: Any
    machine: str
    waiting: str
    express: str
    version: str
    alias: str
    succeeded: str
    failed: str
    running: str
    map_run: str
    activity: str
    tokens: Mapping[str, str]


@pytest.fixture(scope="module")
def world(api: Api) -> World:
    client = api.client("stepfunctions")

    def create(name: str, definition: str, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = client.create_state_machine(
            name=name, definition=definition, roleArn=ROLE, **fields
        )
        return made

    def start(arn: str, **fields: Any) -> str:
        return str(client.start_execution(stateMachineArn=arn, **fields)["executionArn"])

    def ended(arn: str) -> str:
        api.platform.until(
            lambda: client.describe_execution(executionArn=arn)["status"] != "RUNNING"
        )
        return arn

    activity = client.create_activity(name="pack")["activityArn"]
    asks = json.dumps(only({"Type": "Task", "Resource": activity, "End": True}, "Pack"))
    asking = create("asking", asks)["stateMachineArn"]
    for _ in range(3):
        start(asking)
    tokens = [
        client.get_activity_task(activityArn=activity)["taskToken"]
        for _ in ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")
    ]
    start(asking)
    staying = distributed({"Type": "Wait", "Seconds": 3600, "End": True})
    mapping = create("mapping", json.dumps(only(each(staying), "Each")))["stateMachineArn"]
    mapped = start(mapping, input="[1, 2]")
    api.platform.until(lambda: client.list_map_runs(executionArn=mapped)["mapRuns"])
    machine = create("machine", PASS, publish=True)
    waiting = create("waiting", WAIT)["stateMachineArn"]
    version = machine["stateMachineVersionArn"]
    alias = client.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    return World(
        url=api.url,
        client=client,
        machine=machine["stateMachineArn"],
        waiting=waiting,
        express=create("express", PASS, type="EXPRESS")["stateMachineArn"],
        version=version,
        alias=alias,
        succeeded=ended(start(machine["stateMachineArn"])),
        failed=ended(start(create("failing", FAIL)["stateMachineArn"])),
        running=start(waiting),
        map_run=client.list_map_runs(executionArn=mapped)["mapRuns"][0]["mapRunArn"],
        activity=activity,
        tokens=dict(
            zip(("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"), tokens, strict=True)
        ),
    )


def _routing(version: str) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": version, "weight": 100}]


GOOD: Mapping[str, Callable[[World], dict[str, Any]]] = {
    "CreateActivity": lambda _: {"name": "another"},
    "CreateStateMachine": lambda _: {"name": "another", "definition": PASS, "roleArn": ROLE},
    "CreateStateMachineAlias": lambda world: {
        "name": "second",
        "routingConfiguration": _routing(world.version),
    },
    "DeleteActivity": lambda world: {
        "activityArn": world.client.create_activity(name="brief")["activityArn"]
    },
    "DeleteStateMachine": lambda world: {
        "stateMachineArn": world.client.create_state_machine(
            name="brief", definition=PASS, roleArn=ROLE
        )["stateMachineArn"]
    },
    "DeleteStateMachineAlias": lambda world: {
        "stateMachineAliasArn": world.client.create_state_machine_alias(
            name="brief", routingConfiguration=_routing(world.version)
        )["stateMachineAliasArn"]
    },
    "DeleteStateMachineVersion": lambda world: {
        "stateMachineVersionArn": world.client.publish_state_machine_version(
            stateMachineArn=world.waiting
        )["stateMachineVersionArn"]
    },
    "DescribeActivity": lambda world: {"activityArn": world.activity},
    "DescribeExecution": lambda world: {"executionArn": world.succeeded},
    "DescribeMapRun": lambda world: {"mapRunArn": world.map_run},
    "DescribeStateMachine": lambda world: {"stateMachineArn": world.machine},
    "DescribeStateMachineAlias": lambda world: {"stateMachineAliasArn": world.alias},
    "DescribeStateMachineForExecution": lambda world: {"executionArn": world.succeeded},
    "GetActivityTask": lambda world: {"activityArn": world.activity, "workerName": "me"},
    "GetExecutionHistory": lambda world: {"executionArn": world.succeeded},
    "ListActivities": lambda _: {},
    "ListExecutions": lambda world: {"stateMachineArn": world.machine},
    "ListMapRuns": lambda world: {"executionArn": world.succeeded},
    "ListStateMachineAliases": lambda world: {"stateMachineArn": world.machine},
    "ListStateMachineVersions": lambda world: {"stateMachineArn": world.machine},
    "ListStateMachines": lambda _: {},
    "ListTagsForResource": lambda world: {"resourceArn": world.machine},
    "PublishStateMachineVersion": lambda world: {"stateMachineArn": world.machine},
    "RedriveExecution": lambda world: {"executionArn": world.failed},
    "SendTaskFailure": lambda world: {"taskToken": world.tokens["SendTaskFailure"]},
    "SendTaskHeartbeat": lambda world: {"taskToken": world.tokens["SendTaskHeartbeat"]},
    "SendTaskSuccess": lambda world: {
        "taskToken": world.tokens["SendTaskSuccess"],
        "output": "1",
    },
    "StartExecution": lambda world: {"stateMachineArn": world.alias},
    "StartSyncExecution": lambda world: {"stateMachineArn": world.express},
    "StopExecution": lambda world: {"executionArn": world.running},
    "TagResource": lambda world: {
        "resourceArn": world.machine,
        "tags": [{"key": "team", "value": "tea"}],
    },
    "TestState": lambda _: {"definition": ONE_STATE, "input": "{}", "roleArn": ROLE},
    "UntagResource": lambda world: {"resourceArn": world.machine, "tagKeys": ["team"]},
    "UpdateMapRun": lambda world: {"mapRunArn": world.map_run, "maxConcurrency": 3},
    "UpdateStateMachine": lambda world: {"stateMachineArn": world.machine, "definition": PASS},
    "UpdateStateMachineAlias": lambda world: {
        "stateMachineAliasArn": world.alias,
        "description": "changed",
    },
    "ValidateStateMachineDefinition": lambda _: {"definition": PASS},
}
"""What each action is called with."""


def _call(world: World, action: str, arguments: Mapping[str, Any]) -> Any:
    return getattr(world.client, xform_name(action))(**arguments)


def _raw_code(world: World, action: str, arguments: Mapping[str, Any]) -> str:
    """The code for what boto3 cannot even write."""
    answer = httpx.post(
        world.url,
        content=json.dumps(arguments),
        headers={
            "X-Amz-Target": f"AWSStepFunctions.{action}",
            "Content-Type": "application/x-amz-json-1.0",
        },
    )
    assert answer.status_code == 400
    return str(answer.json()["__type"]).rpartition("#")[2]


def _code(world: World, action: str, arguments: Mapping[str, Any]) -> str:
    with pytest.raises(ClientError) as refused:
        _call(world, action, arguments)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(answer["Error"]["Code"])


def _members(action: str) -> Mapping[str, Any]:
    members: Mapping[str, Any] = MODEL.operation_model(action).input_shape.members
    return members


def _required(action: str) -> list[str]:
    return list(MODEL.operation_model(action).input_shape.required_members)


def _arns(action: str) -> list[str]:
    return [name for name in _members(action) if name in UNKNOWN]


def _errors(action: str) -> set[str]:
    return {shape.name for shape in MODEL.operation_model(action).error_shapes}


def test_the_table_names_every_action() -> None:
    assert set(GOOD) == set(MODEL.operation_names)


@pytest.mark.parametrize("action", MODEL.operation_names)
def test_good_input_is_taken(world: World, action: str) -> None:
    answer = _call(world, action, GOOD[action](world))
    required = MODEL.operation_model(action).output_shape.required_members
    assert set(required) <= set(answer)


@pytest.mark.parametrize("action", [name for name in MODEL.operation_names if _required(name)])
def test_a_missing_field_is_a_validation_error(world: World, action: str) -> None:
    for name in _required(action):
        given = {field: value for field, value in GOOD[action](world).items() if field != name}
        assert _raw_code(world, action, given) == "ValidationException"


@pytest.mark.parametrize("action", [name for name in MODEL.operation_names if _members(name)])
def test_a_wrong_type_cannot_be_read(world: World, action: str) -> None:
    for name, shape in _members(action).items():
        wrong: Any = 7 if shape.type_name in ("list", "structure") else ["a", "list"]
        assert _raw_code(world, action, {name: wrong}) == "SerializationException"


@pytest.mark.parametrize("action", [name for name in MODEL.operation_names if _arns(name)])
def test_a_bad_arn_is_refused(world: World, action: str) -> None:
    for name in _arns(action):
        given = {} if action == "ListExecutions" else GOOD[action](world)
        assert _code(world, action, given | {name: "not-an-arn"}) == "InvalidArn"


@pytest.mark.parametrize(
    "action",
    [name for name in MODEL.operation_names if _arns(name) and name not in DELETED_ANYWAY],
)
def test_what_is_not_there_is_said_so_by_an_error_of_the_service_model(
    world: World, action: str
) -> None:
    for name in _arns(action):
        given = {} if action == "ListExecutions" else GOOD[action](world)
        code = _code(world, action, given | {name: UNKNOWN[name]})
        assert code in _errors(action)
        assert code in ("ResourceNotFound", "InvalidArn") or code.endswith("DoesNotExist")


@pytest.mark.parametrize("action", sorted(DELETED_ANYWAY))
def test_what_is_not_there_is_deleted_already(world: World, action: str) -> None:
    _call(world, action, {name: UNKNOWN[name] for name in _arns(action)})


@pytest.mark.parametrize("action", ["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"])
def test_a_token_of_nobody_is_refused(world: World, action: str) -> None:
    given = {"output": "1"} if action == "SendTaskSuccess" else {}
    assert _code(world, action, given | {"taskToken": "nobody's"}) == "InvalidToken"


PAGINATED = {
    "get_execution_history": "events",
    "list_activities": "activities",
    "list_executions": "executions",
    "list_map_runs": "mapRuns",
    "list_state_machines": "stateMachines",
}


@pytest.mark.parametrize("action", PAGINATED)
def test_the_paginators_of_boto3_give_everything_once(world: World, action: str) -> None:
    for _ in range(3):
        world.client.start_execution(stateMachineArn=world.alias)
    given: dict[str, Any] = {
        "get_execution_history": {"executionArn": world.succeeded},
        "list_executions": {"stateMachineArn": world.machine},
        "list_map_runs": {"executionArn": world.succeeded},
    }.get(action, {})
    whole = getattr(world.client, action)(**given)[PAGINATED[action]]
    pages = world.client.get_paginator(action).paginate(**given, PaginationConfig={"PageSize": 1})
    assert [found for page in pages for found in page[PAGINATED[action]]] == whole
