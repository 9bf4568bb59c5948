"""EXPRESS executions over the endpoint, by boto3."""

import json
from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.executions import machine, start
from tests.integration.api.machines import UNKNOWN, create, refused, routes
from tests.machines import call, each, only, side_by_side


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def express(client: Any, state: Any, **given: Any) -> str:
    """Create an EXPRESS state machine of one state; returns its ARN."""
    return machine(client, only(state), type="EXPRESS", **given)


def run(client: Any, arn: str, given: Any = None, **arguments: Any) -> Any:
    return client.start_sync_execution(stateMachineArn=arn, input=json.dumps(given), **arguments)


def test_a_synchronous_execution_gives_its_output(client: Any) -> None:
    arn = express(client, side_by_side(only(each(only(call("double")))), only(call("echo"))))
    ended = run(client, arn, [1, 2], name="mine", traceHeader="Root=1")
    prefix = arn.replace(":stateMachine:", ":express:")
    assert ended["executionArn"].startswith(f"{prefix}:mine:")
    assert ended["stateMachineArn"] == arn
    assert ended["name"] == "mine"
    assert ended["status"] == "SUCCEEDED"
    assert (ended["input"], ended["output"]) == ("[1,2]", "[[2,4],[1,2]]")
    assert ended["inputDetails"] == ended["outputDetails"] == {"included": True}
    assert ended["startDate"] <= ended["stopDate"]
    assert ended["traceHeader"] == "Root=1"
    assert ended["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    assert ended["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert "error" not in ended


def test_a_synchronous_execution_gives_its_error(client: Any) -> None:
    ended = run(client, express(client, call("fail")), {"a": 1})
    assert (ended["status"], ended["error"]) == ("FAILED", "NotYet")
    assert "asked with" in ended["cause"]
    assert "output" not in ended


def test_a_synchronous_execution_may_time_out(client: Any) -> None:
    definition = only({"Type": "Wait", "Seconds": 60, "End": True}) | {"TimeoutSeconds": 1}
    ended = run(client, machine(client, definition, type="EXPRESS"))
    assert (ended["status"], ended["error"]) == ("TIMED_OUT", "States.Timeout")


def test_metadata_alone_has_no_input_and_output(client: Any) -> None:
    ended = run(client, express(client, call("echo")), 1, includedData="METADATA_ONLY")
    assert ended["status"] == "SUCCEEDED"
    assert "input" not in ended
    assert "output" not in ended
    assert ended["inputDetails"] == ended["outputDetails"] == {"included": False}


def test_any_number_of_executions_may_have_one_name(client: Any) -> None:
    arn = express(client, call("echo"))
    first, second = run(client, arn, 1, name="same"), run(client, arn, 1, name="same")
    assert first["executionArn"] != second["executionArn"]


def test_an_asynchronous_execution_runs_without_being_known(api: Api, client: Any) -> None:
    log = api.platform.path("log")
    arn = express(client, call("log"))
    execution = start(client, arn, {"log": str(log), "item": "done"}, name="mine")
    assert execution.startswith(arn.replace(":stateMachine:", ":express:") + ":mine:")
    assert api.platform.read(log) == "done\n"
    for action in ("describe_execution", "stop_execution", "get_execution_history"):
        with refused("InvalidArn"):
            getattr(client, action)(executionArn=execution)


def test_another_applications_task_is_waited_for(client: Any) -> None:
    paint = call("paint", Parameters={"colour": "red"})
    ended = run(client, express(client, paint))
    assert ended["status"] == "SUCCEEDED", ended
    assert "red" in ended["output"]


def test_an_alias_chooses_the_version_of_an_execution(client: Any) -> None:
    definition = json.dumps(only({"Type": "Pass", "Result": "one", "End": True}))
    arn = create(client, definition=definition, type="EXPRESS", publish=True)["stateMachineArn"]
    client.create_state_machine_alias(name="live", routingConfiguration=routes((f"{arn}:1", 100)))
    client.update_state_machine(stateMachineArn=arn, definition=definition.replace("one", "two"))
    assert run(client, f"{arn}:live")["output"] == '"one"'
    assert run(client, arn)["output"] == '"two"'


def test_only_express_machines_run_synchronously(client: Any) -> None:
    with refused("StateMachineTypeNotSupported"):
        run(client, create(client)["stateMachineArn"])
    with refused("StateMachineDoesNotExist"):
        run(client, UNKNOWN)
    with refused("InvalidArn"):
        run(client, "arn:nonsense")
    arn = express(client, call("echo"))
    with refused("InvalidName"):
        run(client, arn, name="a b")
    with refused("InvalidExecutionInput"):
        client.start_sync_execution(stateMachineArn=arn, input="{")
