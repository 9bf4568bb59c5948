"""RedriveExecution over the endpoint, by boto3."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.executions import ended, history, machine, start, types
from tests.integration.api.machines import create, refused
from tests.machines import call, distributed, each, only, side_by_side

FAILING = only({"Type": "Fail", "Error": "Broken"}, "Fail")


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


@pytest.fixture
def attempts(api: Api) -> dict[str, Any]:
    """Input with which ``fail-first`` fails once."""
    return {"log": str(api.platform.path("log")), "attempts": 2}


def redriven(client: Any, arn: str) -> Any:
    """An execution that failed, redriven, when it has ended again."""
    assert ended(client, arn)["status"] != "SUCCEEDED"
    client.redrive_execution(executionArn=arn)
    return ended(client, arn)


def count(path: str) -> int:
    return len(Path(path).read_text().splitlines())


def test_a_failed_state_is_tried_again_and_those_before_it_are_not(
    client: Any, attempts: dict[str, Any]
) -> None:
    before = {"log": attempts["log"] + "-before", "item": 1}
    states = {
        "Before": call("log", InputPath="$.before", ResultPath="$.result", Next="Fails"),
        "Fails": call("fail-first", Next="After"),
        "After": {"Type": "Pass", "End": True},
    }
    arn = start(
        client,
        machine(client, {"StartAt": "Before", "States": states}),
        {**attempts, "before": before},
    )
    described = redriven(client, arn)
    assert (described["status"], described["output"]) == ("SUCCEEDED", "2")
    assert described["redriveCount"] == 1
    assert described["redriveDate"] > described["startDate"]
    assert "error" not in described
    assert count(before["log"]) == 1
    events = history(client, arn)
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "ExecutionFailed",
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert events[11]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert [event["previousEventId"] for event in events] == [0, 0, *range(2, len(events))]


def test_the_context_object_tells_of_the_redrive(client: Any, attempts: dict[str, Any]) -> None:
    states = {
        "Fails": call("fail-first", Next="Tell"),
        "Tell": {
            "Type": "Pass",
            "Parameters": {
                "count.$": "$$.Execution.RedriveCount",
                "at.$": "$$.Execution.RedriveTime",
            },
            "End": True,
        },
    }
    arn = start(client, machine(client, {"StartAt": "Fails", "States": states}), attempts)
    told = json.loads(redriven(client, arn)["output"])
    assert told["count"] == 1
    assert told["at"].endswith("Z")


def test_variables_and_retries_are_there_again(client: Any, attempts: dict[str, Any]) -> None:
    attempts["attempts"] = 4
    retry = [{"ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    states = {
        "Assign": {"Type": "Pass", "Assign": {"kept": "variable"}, "Next": "Fails"},
        "Fails": call("fail-first", Retry=retry, Next="Tell"),
        "Tell": {"Type": "Pass", "Parameters": {"kept.$": "$kept"}, "End": True},
    }
    arn = start(client, machine(client, {"StartAt": "Assign", "States": states}), attempts)
    assert json.loads(redriven(client, arn)["output"]) == {"kept": "variable"}
    assert count(attempts["log"]) == 4


def test_a_stopped_execution_goes_on_from_its_state(client: Any) -> None:
    states = {
        "Pass": {"Type": "Pass", "Result": {"seconds": 1}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True},
    }
    arn = start(client, machine(client, {"StartAt": "Pass", "States": states}))
    client.stop_execution(executionArn=arn, error="Enough")
    described = redriven(client, arn)
    assert (described["status"], described["output"]) == ("SUCCEEDED", '{"seconds":1}')
    assert types(client, arn).count("PassStateEntered") == 1


def test_only_the_branches_that_did_not_succeed_run_again(
    client: Any, attempts: dict[str, Any]
) -> None:
    log = attempts["log"] + "-good"
    good = only(call("log", InputPath="$.good"))
    bad = {
        "StartAt": "Good too",
        "States": {
            "Good too": call("log", InputPath="$.good", ResultPath=None, Next="Fails"),
            "Fails": call("fail-first"),
        },
    }
    state = side_by_side(good, bad)
    given = {**attempts, "good": {"log": log, "item": 7}}
    # The good branch has ended before the other one fails.
    bad["States"]["Wait"] = {"Type": "Wait", "Seconds": 1, "Next": "Fails"}  # type: ignore[index]
    bad["States"]["Good too"]["Next"] = "Wait"  # type: ignore[index]
    arn = start(client, machine(client, only(state, "Fan")), given)
    described = redriven(client, arn)
    assert (described["status"], described["output"]) == ("SUCCEEDED", "[7,2]")
    assert count(log) == 2
    told = types(client, arn)
    assert told.count("ParallelStateEntered") == 1
    assert told[told.index("ExecutionRedriven") :] == [
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ParallelStateSucceeded",
        "ParallelStateExited",
        "ExecutionSucceeded",
    ]


def test_iterations_that_failed_or_had_not_begun_run(client: Any, attempts: dict[str, Any]) -> None:
    before = {"log": attempts["log"] + "-before", "attempts": 1}
    behind = {"log": attempts["log"] + "-behind", "attempts": 1}
    items = [before, attempts, behind, behind, behind]
    processor = only(call("fail-first", ResultSelector={"a": "done"}))
    state = each(processor, MaxConcurrency=1)
    arn = start(client, machine(client, only(state, "Map")), items)
    described = redriven(client, arn)
    assert (described["status"], described["output"]) == (
        "SUCCEEDED",
        json.dumps([{"a": "done"}] * 5, separators=(",", ":")),
    )
    assert count(before["log"]) == 1
    assert count(attempts["log"]) == 2


def test_a_map_in_a_branch_of_a_map_goes_on(api: Api, client: Any) -> None:
    def given(name: str, attempts: int) -> dict[str, Any]:
        return {"log": str(api.platform.path(name)), "attempts": attempts}

    rows = [[given("a", 1), given("b", 2)], [given("c", 1), given("d", 1), given("e", 1)]]
    inner = only(side_by_side(only(each(only(call("fail-first")), MaxConcurrency=1))))
    # One row at a time: a call of the second that the failure interrupts would be made again.
    outer = each(inner, MaxConcurrency=1)
    arn = start(client, machine(client, only(outer, "Outer")), rows)
    described = redriven(client, arn)
    assert (described["status"], json.loads(described["output"])) == (
        "SUCCEEDED",
        [[[1, 2]], [[1, 1, 1]]],
    )


def test_a_map_run_goes_on_with_the_children_that_did_not_succeed(
    api: Api, client: Any, attempts: dict[str, Any]
) -> None:
    done = {"log": attempts["log"] + "-done", "attempts": 1}
    processor = distributed(call("fail-first"))
    state = each(processor, MaxConcurrency=2)
    arn = start(client, machine(client, only(state, "Map")), [done, done, attempts, done, done])
    failed = ended(client, arn)
    run = client.list_map_runs(executionArn=arn)["mapRuns"][0]["mapRunArn"]
    assert client.describe_map_run(mapRunArn=run)["status"] == "FAILED"
    assert failed["error"] == "States.ExceedToleratedFailureThreshold"
    described = redriven(client, arn)
    assert described["status"] == "SUCCEEDED"
    outputs = json.loads(described["output"])
    assert (len(outputs), outputs[2]) == (5, 2)
    assert count(attempts["log"]) == 2
    [described_run] = client.list_map_runs(executionArn=arn)["mapRuns"]
    assert described_run["mapRunArn"] == run
    described_run = client.describe_map_run(mapRunArn=run)
    assert (described_run["status"], described_run["redriveCount"]) == ("SUCCEEDED", 1)
    redriven_children = client.list_executions(mapRunArn=run, redriveFilter="REDRIVEN")
    assert len(redriven_children["executions"]) >= 1
    assert {child["redriveCount"] for child in redriven_children["executions"]} == {1}
    events = history(client, arn)
    told = [event for event in events if event["type"] == "MapRunRedriven"]
    assert told[0]["mapRunRedrivenEventDetails"] == {"mapRunArn": run, "redriveCount": 1}


def test_an_execution_can_be_redriven_again_and_again(
    client: Any, attempts: dict[str, Any]
) -> None:
    attempts["attempts"] = 4
    arn = start(client, machine(client, only(each(only(call("fail-first"))), "Map")), [attempts])
    for _ in range(2):
        assert redriven(client, arn)["status"] == "FAILED"
    described = redriven(client, arn)
    assert (described["status"], described["output"]) == ("SUCCEEDED", "[4]")
    assert described["redriveCount"] == 3
    assert types(client, arn).count("ExecutionRedriven") == 3


def test_a_fail_state_fails_again(client: Any) -> None:
    arn = start(client, machine(client, FAILING))
    described = redriven(client, arn)
    assert (described["status"], described["error"], described["redriveCount"]) == (
        "FAILED",
        "Broken",
        1,
    )


def test_what_runs_or_has_succeeded_cannot_be_redriven(client: Any) -> None:
    waiting = machine(client, only({"Type": "Wait", "Seconds": 3600, "End": True}))
    with refused("ExecutionNotRedrivable", "Execution is RUNNING and cannot be redriven"):
        client.redrive_execution(executionArn=start(client, waiting))
    arn = create(client)["stateMachineArn"]
    done = start(client, arn)
    assert ended(client, done)["status"] == "SUCCEEDED"
    with refused("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven"):
        client.redrive_execution(executionArn=done)


def test_a_redrive_that_is_repeated_with_its_token_does_nothing(client: Any) -> None:
    arn = start(client, machine(client, FAILING))
    ended(client, arn)
    first = client.redrive_execution(executionArn=arn, clientToken="token")
    ended(client, arn)
    again = client.redrive_execution(executionArn=arn, clientToken="token")
    assert again["redriveDate"] == first["redriveDate"]
    assert client.describe_execution(executionArn=arn)["redriveCount"] == 1
    client.redrive_execution(executionArn=arn, clientToken="another")
    assert ended(client, arn)["redriveCount"] == 2


def test_a_redriven_execution_has_the_whole_time_again(client: Any) -> None:
    definition = only({"Type": "Wait", "Seconds": 3600, "End": True}) | {"TimeoutSeconds": 1}
    arn = start(client, machine(client, definition))
    assert ended(client, arn)["status"] == "TIMED_OUT"
    described = redriven(client, arn)
    assert (described["status"], described["redriveCount"]) == ("TIMED_OUT", 1)
    assert (described["stopDate"] - described["redriveDate"]).total_seconds() >= 1
