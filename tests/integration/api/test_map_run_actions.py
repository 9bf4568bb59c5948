"""Map runs over the endpoint, by boto3."""

import json
from datetime import datetime
from typing import Any

import pytest

from pipeline.executions.lifecycle import stop_execution
from tests.api_server import Api
from tests.integration.api.machines import PREFIX, new_name, refused
from tests.machines import call, distributed, each, only

UNKNOWN = f"{PREFIX}:mapRun:machine/Map:0b1e8e6c-2a58-4b1e-9e1c-5a1f4e1b7a11"


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def runs_of(client: Any, execution: Any) -> list[Any]:
    pages = client.get_paginator("list_map_runs").paginate(
        executionArn=execution.arn, PaginationConfig={"PageSize": 1}
    )
    return [run for page in pages for run in page["mapRuns"]]


def test_a_map_run_is_listed_and_described_when_it_has_ended(api: Api, client: Any) -> None:
    mapping = each(distributed(call("double")), Label="Doubles", MaxConcurrency=2)
    execution = api.platform.start(only(mapping, "Map"), [1, 2, 3])
    api.platform.wait(execution)
    (listed,) = runs_of(client, execution)
    assert listed["executionArn"] == execution.arn
    assert listed["stateMachineArn"] == f"{execution.machine_arn}/Doubles"
    assert f"{PREFIX}:mapRun:machine/Doubles:" in listed["mapRunArn"]
    described = client.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert described["status"] == "SUCCEEDED"
    assert described["executionArn"] == execution.arn
    assert described["startDate"] == listed["startDate"]
    assert isinstance(described["stopDate"], datetime)
    assert described["stopDate"] == listed["stopDate"] >= listed["startDate"]
    assert (described["maxConcurrency"], "redriveCount" in described) == (2, False)
    counts = {
        "pending": 0,
        "running": 0,
        "succeeded": 3,
        "failed": 0,
        "timedOut": 0,
        "aborted": 0,
        "total": 3,
        "resultsWritten": 3,
    }
    assert described["executionCounts"] == described["itemCounts"] == counts


def test_the_map_run_of_a_state_of_any_name_is_found_by_its_arn(api: Api, client: Any) -> None:
    mapping = each(distributed({"Type": "Pass", "End": True}))
    execution = api.platform.start(only(mapping, "For each: item/part"), [1])
    api.platform.wait(execution)
    (run,) = runs_of(client, execution)
    described = client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert described["executionCounts"]["succeeded"] == 1
    (child,) = client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert client.describe_execution(executionArn=child["executionArn"])["output"] == "1"


def test_the_items_of_batches_are_counted_beside_the_executions(api: Api, client: Any) -> None:
    mapping = each(distributed(call("echo")), ItemBatcher={"MaxItemsPerBatch": 2})
    execution = api.platform.start(only(mapping), [1, 2, 3, 4, 5])
    api.platform.wait(execution)
    described = client.describe_map_run(mapRunArn=runs_of(client, execution)[0]["mapRunArn"])
    assert described["executionCounts"]["succeeded"] == 3
    assert described["itemCounts"]["succeeded"] == described["itemCounts"]["total"] == 5


def test_a_running_map_run_is_updated(api: Api, client: Any) -> None:
    activity = client.create_activity(name=new_name())["activityArn"]
    task = {"Type": "Task", "Resource": activity, "End": True}
    mapping = each(distributed(task), MaxConcurrency=1, ToleratedFailureCount=1)
    execution = api.platform.start(only(mapping), [1, 2, 3])
    arn = runs_of(client, execution)[0]["mapRunArn"]
    first = client.get_activity_task(activityArn=activity)
    described = client.describe_map_run(mapRunArn=arn)
    assert described["status"] == "RUNNING"
    assert "stopDate" not in described
    assert (described["maxConcurrency"], described["toleratedFailureCount"]) == (1, 1)
    limits = {
        "maxConcurrency": 2,
        "toleratedFailureCount": 0,
        "toleratedFailurePercentage": 66.5,
    }
    client.update_map_run(mapRunArn=arn, **limits)
    described = client.describe_map_run(mapRunArn=arn)
    assert {name: described[name] for name in limits} == limits
    second = client.get_activity_task(activityArn=activity)
    assert {json.loads(task["input"]) for task in (first, second)} == {1, 2}
    stop_execution(api.engine, execution.arn)


def test_a_map_run_of_a_stopped_execution_is_aborted(api: Api, client: Any) -> None:
    activity = client.create_activity(name=new_name())["activityArn"]
    mapping = each(distributed({"Type": "Task", "Resource": activity, "End": True}))
    execution = api.platform.start(only(mapping), [1, 2])
    client.get_activity_task(activityArn=activity)
    stop_execution(api.engine, execution.arn)
    (run,) = runs_of(client, execution)
    described = client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["stopDate"]) == ("ABORTED", run["stopDate"])
    with refused("ValidationException", "is not running"):
        client.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=1)


def test_an_execution_without_map_runs_lists_none(api: Api, client: Any) -> None:
    execution = api.platform.start(only({"Type": "Pass", "End": True}))
    assert runs_of(client, execution) == []
    with refused("InvalidToken"):
        client.list_map_runs(executionArn=execution.arn, nextToken="made up")


def test_the_map_runs_of_a_child_execution_are_its_own(api: Api, client: Any) -> None:
    inner = each(distributed(call("double")), Label="Inner")
    execution = api.platform.start(only(each(distributed(inner), Label="Outer")), [[1], [2]])
    assert api.platform.wait(execution).output == [[2], [4]]
    (outer,) = runs_of(client, execution)
    children = client.list_executions(mapRunArn=outer["mapRunArn"])["executions"]
    for child in children:
        (run,) = client.list_map_runs(executionArn=child["executionArn"])["mapRuns"]
        assert ":mapRun:machine/Inner:" in run["mapRunArn"]
        described = client.describe_map_run(mapRunArn=run["mapRunArn"])
        assert described["executionArn"] == child["executionArn"]
    assert len(children) == 2


def test_the_machine_of_a_child_execution_is_its_map_state(api: Api, client: Any) -> None:
    processor = distributed({"Type": "Pass", "Assign": {"own.$": "$"}, "Next": "Use"})
    processor["States"]["Use"] = {"Type": "Pass", "OutputPath": "$own", "End": True}
    execution = api.platform.start(only(each(processor, Label="Doubles")), [1])
    api.platform.wait(execution)
    (run,) = runs_of(client, execution)
    (child,) = client.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    described = client.describe_state_machine_for_execution(executionArn=child["executionArn"])
    assert described["stateMachineArn"] == f"{execution.machine_arn}/Doubles"
    assert (described["name"], described["label"]) == ("machine", "Doubles")
    assert described["mapRunArn"] == run["mapRunArn"]
    assert json.loads(described["definition"]) == processor
    assert described["variableReferences"] == {"Use": ["own"]}


def test_an_update_that_changes_nothing_is_refused(client: Any) -> None:
    with refused("ValidationException", "maxConcurrency"):
        client.update_map_run(mapRunArn=UNKNOWN)


def test_a_map_run_that_is_not_there_is_refused(client: Any) -> None:
    with refused("ResourceNotFound"):
        client.describe_map_run(mapRunArn=UNKNOWN)
    with refused("ResourceNotFound"):
        client.update_map_run(mapRunArn=UNKNOWN, maxConcurrency=1)
    with refused("ExecutionDoesNotExist"):
        client.list_map_runs(executionArn=f"{PREFIX}:execution:machine:unknown")


def test_what_is_no_arn_is_refused(client: Any) -> None:
    with refused("InvalidArn"):
        client.describe_map_run(mapRunArn=f"{PREFIX}:stateMachine:machine")
    with refused("InvalidArn"):
        client.list_map_runs(executionArn="execution")
