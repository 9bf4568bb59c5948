"""Whatever is sent, the endpoint answers as AWS would: never with a fault of its own."""

import base64
import json
from collections.abc import Callable

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.acceptance.api_mutations import ACCOUNT, ZIP, Sent, requests
from tests.acceptance.lambda_mutations import lambda_requests
from tests.api_server import Api
from tests.platforms import PATIENCE

_ROLE = "arn:aws:iam::000000000000:role/r"
_WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 0, "End": True}}})

SECONDS = 30
"""In which a request that does not poll is answered on a loaded machine."""


def sending(client: httpx.Client, api: Api, examples: int) -> Callable[[], None]:
    """A test that sends so many requests."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        # Shrinking sends the requests again, to a server that has changed since.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=examples < 1000,
    )
    @given(sent=st.one_of(requests(), requests(), lambda_requests()))
    def send(sent: Sent) -> None:
        response = client.request(
            sent.method,
            f"{api.url}{sent.path}",
            content=sent.body,
            headers={name.encode(): value.encode() for name, value in sent.headers.items()},
        )
        assert response.status_code < 500, response.text
        assert "Traceback" not in response.text
        assert response.is_success or response.headers["x-amzn-ErrorType"]

    run: Callable[[], None] = send
    return run


def make_resources(api: Api) -> None:
    """Make some of what the requests name."""
    client = api.client("stepfunctions")
    client.create_activity(name="a")
    for name in ("m", "n"):
        client.create_state_machine(name=name, definition=_WAIT, roleArn=_ROLE)
    machine = f"{ACCOUNT}:stateMachine:m"
    version = client.publish_state_machine_version(stateMachineArn=machine)
    route = {"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}
    client.create_state_machine_alias(name="live", routingConfiguration=[route])
    client.start_execution(stateMachineArn=machine, name="e")
    api.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=_ROLE,
        Handler="index.handler",
        Code={"ZipFile": base64.b64decode(ZIP)},
    )


def still_works(api: Api) -> None:
    """An execution that is started now succeeds: no thread and no worker is stuck."""
    client = api.client("stepfunctions")
    machine = client.create_state_machine(name="after-the-storm", definition=_WAIT, roleArn=_ROLE)
    started = client.start_execution(stateMachineArn=machine["stateMachineArn"])

    def status() -> str:
        described = client.describe_execution(executionArn=started["executionArn"])
        return str(described["status"])

    api.platform.until(lambda: status() != "RUNNING", PATIENCE)
    assert status() == "SUCCEEDED"


@pytest.mark.parametrize(
    "examples", [150, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_no_request_makes_the_endpoint_fail(api: Api, examples: int) -> None:
    make_resources(api)
    with httpx.Client(timeout=SECONDS) as client:
        sending(client, api, examples)()
    still_works(api)
