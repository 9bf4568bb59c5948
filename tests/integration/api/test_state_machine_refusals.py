"""State machines that are asked for wrongly over the endpoint, by boto3."""

from typing import Any

import pytest

from tests.api_server import Api
from tests.integration.api.machines import PREFIX, ROLE, UNKNOWN, create, refused


@pytest.fixture(scope="module")
def client(api: Api) -> Any:
    return api.client("stepfunctions")


def test_another_account_is_denied(api: Api, client: Any) -> None:
    arn = create(client)["stateMachineArn"]
    other = api.client("stepfunctions", account_id="666677778888")
    with refused("AccessDeniedException"):
        other.describe_state_machine(stateMachineArn=arn)


def test_what_is_not_there_is_told_by_its_arn(client: Any) -> None:
    for act in (
        lambda: client.describe_state_machine(stateMachineArn=UNKNOWN),
        lambda: client.describe_state_machine(stateMachineArn=f"{UNKNOWN}:3"),
        lambda: client.update_state_machine(stateMachineArn=UNKNOWN, roleArn=ROLE),
    ):
        with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{UNKNOWN}"):
            act()
    with refused("ExecutionDoesNotExist", "Execution Does Not Exist: "):
        client.describe_state_machine_for_execution(
            executionArn=f"{PREFIX}:execution:unknown:unknown"
        )
    assert client.delete_state_machine(stateMachineArn=UNKNOWN)


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("machine", "Invalid Arn: 'Invalid ARN prefix: machine'"),
        ("arn:aws:states:us-east-1", "Invalid ARN"),
        (f"{PREFIX}:stateMachine:a b", "Invalid ARN"),
        (f"{PREFIX}:stateMachine:a:0", "Invalid ARN"),
        (f"{PREFIX}:execution:a:b", "Resource type not valid in this context: execution"),
        ("arn:aws:lambda:us-east-1:000000000000:function:a", "Service not valid"),
        (f"{PREFIX.replace('us-east-1', '')}:stateMachine:a", "Invalid ARN"),
    ],
)
def test_a_bad_arn_is_refused_with_the_reason(client: Any, arn: str, message: str) -> None:
    for act in (
        lambda: client.describe_state_machine(stateMachineArn=arn),
        lambda: client.update_state_machine(stateMachineArn=arn, definition="{}"),
        lambda: client.delete_state_machine(stateMachineArn=arn),
    ):
        with refused("InvalidArn", message):
            act()


def test_only_an_unqualified_machine_can_be_deleted(client: Any) -> None:
    arn = create(client, publish=True)["stateMachineArn"]
    with refused("InvalidArn", "Qualified ARN not valid in this context"):
        client.delete_state_machine(stateMachineArn=f"{arn}:1")
    with refused("ValidationException") as response:
        client.delete_state_machine(stateMachineArn=f"{arn}/label")
    assert response["reason"] == "API_DOES_NOT_SUPPORT_LABELED_ARNS"


def test_an_express_execution_has_no_machine_to_describe(client: Any) -> None:
    with refused("InvalidArn", "Resource type not valid in this context: express"):
        client.describe_state_machine_for_execution(executionArn=f"{PREFIX}:express:a:b:c")
