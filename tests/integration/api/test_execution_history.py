"""GetExecutionHistory over the endpoint, by boto3."""

import json
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.executions import ended, history, machine, start, types
from tests.integration.api.machines import refused
from tests.machines import call, each, only, side_by_side


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


@pytest.fixture(scope="module")
def execution(client: Any) -> str:
    """An execution with a Map of functions in a branch."""
    branch = only(each(only(call("double"))))
    arn = start(client, machine(client, only(side_by_side(branch, only(call("echo"))))), [1, 2, 3])
    assert ended(client, arn)["status"] == "SUCCEEDED"
    return arn


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_pages_put_together_are_the_whole_history(client: Any, execution: str, size: int) -> None:
    whole = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    assert [event["id"] for event in whole] == list(range(1, len(whole) + 1))
    assert len(whole) > 20
    assert all(event["previousEventId"] < event["id"] for event in whole)
    assert history(client, execution, PaginationConfig={"PageSize": size}) == whole
    backwards = history(client, execution, reverseOrder=True, PaginationConfig={"PageSize": size})
    assert backwards == whole[::-1]


def test_a_page_has_a_hundred_events_unless_it_is_said(client: Any) -> None:
    count = only({"Type": "Pass", "Next": "Again"}, "Count")
    count["States"] |= {
        f"Pass {number}": {"Type": "Pass", "Next": f"Pass {number + 1}"} for number in range(60)
    } | {"Again": {"Type": "Pass", "Next": "Pass 0"}, "Pass 60": {"Type": "Succeed"}}
    arn = start(client, machine(client, count))
    ended(client, arn)
    page = client.get_execution_history(executionArn=arn)
    assert len(page["events"]) == 100
    rest = client.get_execution_history(executionArn=arn, nextToken=page["nextToken"])
    assert rest["events"][0]["id"] == 101
    assert "nextToken" not in rest


def test_inputs_and_outputs_may_be_left_out(client: Any, execution: str) -> None:
    with_data = history(client, execution)
    without = history(client, execution, includeExecutionData=False)
    assert [event["type"] for event in without] == [event["type"] for event in with_data]
    details = without[0]["executionStartedEventDetails"]
    assert "input" not in details
    assert details["roleArn"] == with_data[0]["executionStartedEventDetails"]["roleArn"]
    assert json.loads(with_data[0]["executionStartedEventDetails"]["input"]) == [1, 2, 3]
    assert '"[1,2,3]"' not in json.dumps(without, default=str)


def test_the_start_shows_the_input_as_the_client_wrote_it(client: Any) -> None:
    arn = machine(client, only({"Type": "Pass", "End": True}))
    text = '{ "b": [1,  2.0],\n"a": "\\u00e9" }'
    started = client.start_execution(stateMachineArn=arn, input=text)["executionArn"]
    ended(client, started)
    first, entered, *_ = history(client, started)
    assert first["executionStartedEventDetails"]["input"] == text
    assert entered["stateEnteredEventDetails"]["input"] == '{"b":[1,2.0],"a":"é"}'


def test_a_page_that_was_read_stays_as_it_was_when_the_execution_goes_on(client: Any) -> None:
    states = {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Pass"},
        "Pass": {"Type": "Pass", "End": True},
    }
    arn = start(client, machine(client, {"StartAt": "Wait", "States": states}))
    first = client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)
    assert [event["id"] for event in first["events"]] == [2]
    ended(client, arn)
    second = client.get_execution_history(
        executionArn=arn, reverseOrder=True, maxResults=1, nextToken=first["nextToken"]
    )
    assert [event["id"] for event in second["events"]] == [1]
    assert types(client, arn)[-1] == "ExecutionSucceeded"


def test_a_token_of_another_order_is_refused(client: Any, execution: str) -> None:
    token = client.get_execution_history(executionArn=execution, maxResults=1)["nextToken"]
    with refused("InvalidToken"):
        client.get_execution_history(
            executionArn=execution, maxResults=1, nextToken=token, reverseOrder=True
        )
