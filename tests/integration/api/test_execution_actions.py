"""Executions over the endpoint, by boto3: starting, describing, stopping."""

import json
from datetime import datetime
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.executions import ended, machine, start, types
from tests.integration.api.machines import PREFIX, UNKNOWN, create, giving, refused, routes
from tests.machines import call, each, only

FAILING = only({"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}, "Fail")
WAITING = only({"Type": "Wait", "Seconds": 3600, "End": True}, "Wait")
PASSING = only({"Type": "Pass", "End": True}, "Pass")


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


@pytest.fixture(scope="module")
def waiting(client: Any) -> str:
    """A machine whose executions run until they are stopped."""
    return machine(client, WAITING)


def test_a_started_execution_is_described_to_its_end(client: Any) -> None:
    arn = machine(client, PASSING)
    started = client.start_execution(
        stateMachineArn=arn, input='{"a": [1, 2.5, "ü"]}', name="first", traceHeader="Root=1-2-3"
    )
    assert started["executionArn"] == arn.replace(":stateMachine:", ":execution:") + ":first"
    described = ended(client, started["executionArn"])
    assert described["status"] == "SUCCEEDED"
    assert described["stateMachineArn"] == arn
    assert described["name"] == "first"
    assert described["startDate"] == started["startDate"]
    assert isinstance(described["stopDate"], datetime)
    assert json.loads(described["input"]) == json.loads(described["output"]) == {"a": [1, 2.5, "ü"]}
    assert described["inputDetails"] == described["outputDetails"] == {"included": True}
    assert described["traceHeader"] == "Root=1-2-3"
    assert described["redriveCount"] == 0
    assert described["redriveStatus"] == "NOT_REDRIVABLE"
    assert described["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert "error" not in described


def test_a_failed_execution_tells_its_error(client: Any) -> None:
    described = ended(client, start(client, machine(client, FAILING)))
    assert (described["status"], described["error"], described["cause"]) == (
        "FAILED",
        "Broken",
        "on purpose",
    )
    assert "output" not in described
    assert described["redriveStatus"] == "REDRIVABLE"


def test_metadata_alone_has_no_input_and_output(client: Any) -> None:
    arn = start(client, machine(client, PASSING), {"secret": 1})
    ended(client, arn)
    described = client.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    assert "input" not in described
    assert "output" not in described
    assert described["inputDetails"] == described["outputDetails"] == {"included": False}


def test_input_is_an_empty_object_and_the_name_made_up_unless_given(client: Any) -> None:
    started = client.start_execution(stateMachineArn=machine(client, PASSING))
    described = ended(client, started["executionArn"])
    assert described["input"] == described["output"] == "{}"
    assert len(described["name"]) == 36


def test_a_start_that_is_repeated_gives_the_running_execution(client: Any, waiting: str) -> None:
    first = client.start_execution(stateMachineArn=waiting, name="again", input='{"a": 1}')
    again = client.start_execution(stateMachineArn=waiting, name="again", input='{ "a":1 }')
    assert again["executionArn"] == first["executionArn"]
    assert again["startDate"] == first["startDate"]
    with refused("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'"):
        client.start_execution(stateMachineArn=waiting, name="again", input='{"a": true}')


def test_the_name_of_an_execution_that_has_ended_is_taken(client: Any) -> None:
    arn = machine(client, PASSING)
    ended(client, start(client, arn, name="once"))
    with refused("ExecutionAlreadyExists"):
        start(client, arn, name="once")


@pytest.mark.parametrize(
    "text",
    ["{", "", "nonsense", "[NaN]", "1e999", "[" * 1001 + "]" * 1001, "[" * 100_000],
    ids=lambda text: text[:10],
)
def test_input_that_is_not_json_is_refused(client: Any, waiting: str, text: str) -> None:
    with refused("InvalidExecutionInput", "Invalid State Machine Execution Input: '"):
        client.start_execution(stateMachineArn=waiting, input=text)


def test_input_may_be_nested_a_thousand_levels_deep(client: Any) -> None:
    deep = "[" * 1000 + "]" * 1000
    started = client.start_execution(stateMachineArn=machine(client, PASSING), input=deep)
    assert ended(client, started["executionArn"])["output"] == deep


def test_input_above_the_limit_is_refused(client: Any, waiting: str) -> None:
    with refused("InvalidExecutionInput"):
        client.start_execution(stateMachineArn=waiting, input=f'"{"ü" * 131_072}"')


@pytest.mark.parametrize("name", ["a b", "a/b", "a*", "a\n"])
def test_a_name_with_forbidden_characters_is_refused(client: Any, waiting: str, name: str) -> None:
    with refused("InvalidName", f"Invalid Name: '{name}'"):
        start(client, waiting, name=name)


def test_what_does_not_exist_cannot_be_started(client: Any) -> None:
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{UNKNOWN}'"):
        start(client, UNKNOWN)
    with refused("InvalidArn"):
        start(client, "arn:nonsense")
    with refused("InvalidArn"):
        start(client, f"{PREFIX}:execution:a:b")


def test_an_execution_of_a_version_or_alias_names_it(client: Any) -> None:
    arn = create(client, definition=giving("one"), publish=True)["stateMachineArn"]
    alias = client.create_state_machine_alias(
        name="live", routingConfiguration=routes((f"{arn}:1", 100))
    )
    client.update_state_machine(stateMachineArn=arn, definition=giving("two"))
    by_alias = ended(client, start(client, alias["stateMachineAliasArn"]))
    assert by_alias["output"] == '"one"'
    assert by_alias["stateMachineArn"] == arn
    assert by_alias["stateMachineVersionArn"] == f"{arn}:1"
    assert by_alias["stateMachineAliasArn"] == f"{arn}:live"
    by_version = ended(client, start(client, f"{arn}:1"))
    assert by_version["stateMachineVersionArn"] == f"{arn}:1"
    assert "stateMachineAliasArn" not in by_version
    assert ended(client, start(client, arn))["output"] == '"two"'


def test_a_stopped_execution_is_aborted_with_error_and_cause(client: Any, waiting: str) -> None:
    arn = start(client, waiting)
    stopped = client.stop_execution(executionArn=arn, error="Enough", cause="of it")
    described = client.describe_execution(executionArn=arn)
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "of it",
    )
    assert described["stopDate"] == stopped["stopDate"]
    assert types(client, arn)[-1] == "ExecutionAborted"


def test_stopping_what_has_ended_gives_the_time_of_its_end(client: Any) -> None:
    arn = start(client, machine(client, FAILING))
    described = ended(client, arn)
    assert client.stop_execution(executionArn=arn)["stopDate"] == described["stopDate"]
    assert client.describe_execution(executionArn=arn)["status"] == "FAILED"


@pytest.mark.parametrize(
    "action", ["describe_execution", "stop_execution", "get_execution_history", "redrive_execution"]
)
def test_an_execution_that_is_not_there_is_named(client: Any, action: str) -> None:
    unknown = f"{PREFIX}:execution:unknown:unknown"
    with refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{unknown}'"):
        getattr(client, action)(executionArn=unknown)
    with refused("InvalidArn"):
        getattr(client, action)(executionArn=f"{PREFIX}:express:machine:name:id")
    with refused("InvalidArn"):
        getattr(client, action)(executionArn=UNKNOWN)


def test_another_account_sees_no_execution(api: Api, client: Any, waiting: str) -> None:
    arn = start(client, waiting)
    other = api.client("stepfunctions", account_id="111122223333")
    with refused("AccessDeniedException"):
        other.describe_execution(executionArn=arn)


def test_executions_of_two_accounts_may_have_one_name(api: Api, client: Any) -> None:
    other = api.client("stepfunctions", account_id="111122223333", region="eu-west-1")
    definition = only(call("echo"), "Echo")
    create(client, name="shared", definition=json.dumps(definition))
    create(other, name="shared", definition=json.dumps(definition))
    prefix = "arn:aws:states:eu-west-1:111122223333"
    ours = start(client, f"{PREFIX}:stateMachine:shared", 1, name="same")
    theirs = start(other, f"{prefix}:stateMachine:shared", 2, name="same")
    assert theirs == f"{prefix}:execution:shared:same"
    assert ended(client, ours)["output"] == "1"
    assert ended(other, theirs)["output"] == "2"


def test_a_map_of_functions_runs_on_the_workers(client: Any) -> None:
    arn = machine(client, only(each(only(call("double")))))
    assert json.loads(ended(client, start(client, arn, [1, 2, 3]))["output"]) == [2, 4, 6]
