"""State machines as clients of the endpoint make them."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.machines import only

ROLE = "arn:aws:iam::000000000000:role/steps"
PREFIX = "arn:aws:states:us-east-1:000000000000"
UNKNOWN = f"{PREFIX}:stateMachine:unknown"

_numbers = itertools.count(1)


def new_name() -> str:
    """A name that no other test uses."""
    return f"machine-{next(_numbers)}"


def giving(result: object) -> str:
    """The definition of a machine that gives this."""
    return json.dumps(only({"Type": "Pass", "Result": result, "End": True}, "Give"))


WAITING = json.dumps(only({"Type": "Wait", "Seconds": 3600, "End": True}, "Wait"))
"""The definition of a machine whose executions run until they are stopped."""


def create(client: Any, **given: Any) -> Any:
    """Create a state machine; what is not given is made up."""
    made = {"name": new_name(), "definition": giving(1), "roleArn": ROLE}
    return client.create_state_machine(**(made | given))


def two_versions(client: Any) -> str:
    """Create a state machine with two versions; returns its ARN."""
    arn: str = create(client, publish=True)["stateMachineArn"]
    client.update_state_machine(stateMachineArn=arn, definition=giving(2), publish=True)
    return arn


def routes(*shares: tuple[str, int]) -> list[dict[str, Any]]:
    """A routing configuration of versions with their weights."""
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in shares]


@contextmanager
def refused(code: str, message: str = "") -> Iterator[dict[str, Any]]:
    """Expect the error with this code, whose message holds the text; gives the response."""
    response: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield response
    response.update(caught.value.response)
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]
