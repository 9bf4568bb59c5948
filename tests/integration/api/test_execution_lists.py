"""Lists of executions over the endpoint, by boto3."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api_server import Api
from tests.integration.api.executions import ended, machine, start
from tests.integration.api.machines import PREFIX, UNKNOWN, create, giving, refused, routes
from tests.machines import call, distributed, each, only

WAITING = only({"Type": "Wait", "Seconds": 3600, "End": True}, "Wait")


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def names(client: Any, **arguments: Any) -> list[str]:
    pages = client.get_paginator("list_executions").paginate(**arguments)
    return [execution["name"] for page in pages for execution in page["executions"]]


def test_executions_are_listed_newest_first(client: Any) -> None:
    arn = machine(client, WAITING)
    for number in range(5):
        start(client, arn, name=str(number))
    assert names(client, stateMachineArn=arn) == ["4", "3", "2", "1", "0"]
    listed = client.list_executions(stateMachineArn=arn, maxResults=1)["executions"][0]
    described = client.describe_execution(executionArn=listed["executionArn"])
    assert listed["status"] == "RUNNING"
    assert listed["redriveCount"] == 0
    for member in ("stateMachineArn", "startDate", "name"):
        assert listed[member] == described[member]


def test_what_has_ended_is_listed_by_its_end_and_what_is_redriven_by_that(client: Any) -> None:
    arn = machine(client, WAITING)
    first, _, third = (start(client, arn, name=str(number)) for number in range(3))
    client.stop_execution(executionArn=first)
    assert names(client, stateMachineArn=arn) == ["0", "2", "1"]
    client.stop_execution(executionArn=third)
    client.redrive_execution(executionArn=first)
    assert names(client, stateMachineArn=arn) == ["0", "2", "1"]
    client.stop_execution(executionArn=first)
    client.redrive_execution(executionArn=third)
    assert names(client, stateMachineArn=arn) == ["2", "0", "1"]


def test_pages_are_not_moved_by_executions_that_start_meanwhile(client: Any) -> None:
    arn = machine(client, WAITING)
    for number in range(5):
        start(client, arn, name=str(number))
    first = client.list_executions(stateMachineArn=arn, maxResults=2)
    start(client, arn, name="late")
    second = client.list_executions(stateMachineArn=arn, maxResults=2, nextToken=first["nextToken"])
    third = client.list_executions(stateMachineArn=arn, maxResults=2, nextToken=second["nextToken"])
    pages = [first, second, third]
    assert [[row["name"] for row in page["executions"]] for page in pages] == [
        ["4", "3"],
        ["2", "1"],
        ["0"],
    ]
    assert "nextToken" not in third


def test_a_list_may_be_of_one_status(client: Any) -> None:
    arn = machine(client, WAITING)
    stopped = start(client, arn, name="stopped")
    start(client, arn, name="running")
    client.stop_execution(executionArn=stopped)
    assert names(client, stateMachineArn=arn, statusFilter="ABORTED") == ["stopped"]
    assert names(client, stateMachineArn=arn, statusFilter="RUNNING") == ["running"]
    assert names(client, stateMachineArn=arn, statusFilter="FAILED") == []


def test_a_list_may_be_of_a_version_or_of_an_alias(client: Any) -> None:
    arn = create(client, definition=giving(1), publish=True)["stateMachineArn"]
    client.create_state_machine_alias(name="live", routingConfiguration=routes((f"{arn}:1", 100)))
    start(client, arn, name="plain")
    start(client, f"{arn}:1", name="version")
    start(client, f"{arn}:live", name="alias")
    assert names(client, stateMachineArn=arn) == ["alias", "version", "plain"]
    assert names(client, stateMachineArn=f"{arn}:1") == ["alias", "version"]
    assert names(client, stateMachineArn=f"{arn}:live") == ["alias"]


def test_a_token_is_good_for_its_own_list_only(client: Any) -> None:
    arn = machine(client, WAITING)
    for _ in range(2):
        start(client, arn)
    token = client.list_executions(stateMachineArn=arn, maxResults=1)["nextToken"]
    for arguments in (
        {"stateMachineArn": arn, "nextToken": "nonsense"},
        {"stateMachineArn": machine(client, WAITING), "nextToken": token},
        {"stateMachineArn": arn, "nextToken": token, "statusFilter": "RUNNING"},
    ):
        with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
            client.list_executions(**arguments)


def test_what_has_no_executions_is_refused(client: Any) -> None:
    with refused("StateMachineDoesNotExist"):
        client.list_executions(stateMachineArn=UNKNOWN)
    with refused("ResourceNotFound"):
        client.list_executions(mapRunArn=f"{PREFIX}:mapRun:machine/Map:unknown")
    express = create(client, type="EXPRESS")["stateMachineArn"]
    with refused("StateMachineTypeNotSupported"):
        client.list_executions(stateMachineArn=express)
    with refused("ValidationException"):
        client.list_executions()


@pytest.mark.parametrize(
    "filters", [{"redriveFilter": "NOT_REDRIVEN"}, {"statusFilter": "PENDING_REDRIVE"}]
)
def test_what_only_children_are_is_no_filter_for_a_state_machine(
    client: Any, filters: dict[str, str]
) -> None:
    with refused("ValidationException"):
        client.list_executions(stateMachineArn=machine(client, WAITING), **filters)


@pytest.fixture(scope="module")
def map_run(client: Any) -> str:
    """A map run of five children of which the one for 3 has failed."""
    processor = distributed(call("fail-first") | {"Resource": call("double")["Resource"]})
    processor["StartAt"], processor["States"] = (
        "Check",
        {
            "Check": {
                "Type": "Choice",
                "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "Fail"}],
                "Default": "Done",
            },
            "Fail": {"Type": "Fail", "Error": "Three"},
            "Done": {"Type": "Succeed"},
        },
    )
    arn = machine(client, only(each(processor, MaxConcurrency=1, ToleratedFailureCount=1), "Map"))
    execution = start(client, arn, [0, 1, 2, 3, 4])
    assert ended(client, execution)["status"] == "SUCCEEDED"
    run: str = client.list_map_runs(executionArn=execution)["mapRuns"][0]["mapRunArn"]
    return run


def test_child_executions_are_listed_by_their_map_run(client: Any, map_run: str) -> None:
    first = client.list_executions(mapRunArn=map_run, maxResults=3)
    second = client.list_executions(mapRunArn=map_run, maxResults=3, nextToken=first["nextToken"])
    children = first["executions"] + second["executions"]
    assert [child["status"] for child in children] == [
        "SUCCEEDED",
        "FAILED",
        "SUCCEEDED",
        "SUCCEEDED",
        "SUCCEEDED",
    ]
    assert {child["mapRunArn"] for child in children} == {map_run}
    assert {child["itemCount"] for child in children} == {1}
    assert len({child["executionArn"] for child in children}) == 5
    failed = client.list_executions(mapRunArn=map_run, statusFilter="FAILED")["executions"]
    assert failed == [children[1]]
    done = client.list_executions(mapRunArn=map_run, statusFilter="SUCCEEDED")["executions"]
    assert done == children[:1] + children[2:]
    assert len(names(client, mapRunArn=map_run, redriveFilter="NOT_REDRIVEN")) == 5
    assert names(client, mapRunArn=map_run, redriveFilter="REDRIVEN") == []


def test_a_child_execution_is_described_by_its_arn(client: Any, map_run: str) -> None:
    child = client.list_executions(mapRunArn=map_run, statusFilter="FAILED")["executions"][0]
    described = client.describe_execution(executionArn=child["executionArn"])
    assert described["mapRunArn"] == map_run
    assert described["input"] == "3"
    assert described["error"] == "Three"
    assert described["name"] == child["name"]
    assert described["startDate"] == child["startDate"]
    assert described["stopDate"] == child["stopDate"]
    assert described["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    events = client.get_execution_history(executionArn=child["executionArn"])["events"]
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    with refused("ExecutionNotRedrivable"):
        client.redrive_execution(executionArn=child["executionArn"])
    unknown = child["executionArn"].replace(child["name"], str(uuid4()))
    with refused("ExecutionDoesNotExist"):
        client.describe_execution(executionArn=unknown)


def test_the_machine_of_a_child_execution_is_its_map_state(client: Any, map_run: str) -> None:
    child = client.list_executions(mapRunArn=map_run)["executions"][0]
    given = {"executionArn": child["executionArn"]}
    described = client.describe_state_machine_for_execution(**given)
    arn, label = child["stateMachineArn"], "Map"
    assert described["stateMachineArn"] == arn
    assert described["mapRunArn"] == map_run
    assert described["label"] == label
    outer = client.describe_state_machine(stateMachineArn=arn.removesuffix(f"/{label}"))
    assert described["name"] == outer["name"]
    definition = client.describe_state_machine(stateMachineArn=arn)["definition"]
    assert described["definition"] == definition
    without = client.describe_state_machine_for_execution(**given, includedData="METADATA_ONLY")
    assert (without["definition"], without["label"]) == ("{}", label)
    with refused("ExecutionDoesNotExist"):
        client.describe_state_machine_for_execution(executionArn=f"{given['executionArn']}-other")


def test_a_child_execution_can_be_stopped_alone(client: Any) -> None:
    processor = distributed({"Type": "Wait", "SecondsPath": "$", "End": True})
    arn = machine(client, only(each(processor, MaxConcurrency=1), "Map"))
    execution = start(client, arn, [3600, 0])
    while not (runs := client.list_map_runs(executionArn=execution)["mapRuns"]):
        pass
    run = runs[0]["mapRunArn"]
    while not (children := client.list_executions(mapRunArn=run)["executions"]):
        pass
    child = children[-1]["executionArn"]
    stopped = client.stop_execution(executionArn=child, error="Enough")
    described = client.describe_execution(executionArn=child)
    assert (described["status"], described["error"]) == ("ABORTED", "Enough")
    told = client.get_execution_history(executionArn=child, reverseOrder=True)["events"]
    assert told[0]["executionAbortedEventDetails"] == {"error": "Enough"}
    assert [event["type"] for event in told].count("ExecutionAborted") == 1
    assert described["stopDate"] == stopped["stopDate"]
    assert client.stop_execution(executionArn=child)["stopDate"] == stopped["stopDate"]
    assert ended(client, execution)["status"] == "SUCCEEDED"
