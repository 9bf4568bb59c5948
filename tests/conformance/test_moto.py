"""The same cases on moto's interpreter, which is independent of ours.

Where the two disagree, AWS's documentation decides; each disagreement is listed with the reason in
``moto_disagreements.json`` and told in docs/differences.md. The words of causes are not compared.
"""

import io
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from tests.conformance.answers import handler, worker_name
from tests.conformance.cases import Case, cases_that_run, check_ended
from tests.conformance.on_workers import named_for_workers

DISAGREEMENTS: Mapping[str, str] = json.loads(
    Path(__file__).with_name("moto_disagreements.json").read_text()
)
"""Why moto does otherwise, by the case's id."""

PATIENCE = 20
"""Seconds in which any case has long ended."""

pytestmark = pytest.mark.slow


class _Named:
    """The context of a call, as far as a case's function looks at it."""

    def __init__(self, function_name: str) -> None:
        self.function_name = function_name


class _Functions:
    """As much of boto3's Lambda client as moto's engine uses."""

    def invoke(self, *, FunctionName: str, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Call a case's function as Lambda's Invoke does."""
        answer = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        name = FunctionName.rpartition(":")[2]
        try:
            result = handler(json.loads(Payload), _Named(name))
        except Exception as error:  # noqa: BLE001 - the case has its function raise anything
            described = {"errorType": type(error).__name__, "errorMessage": str(error)}
            payload = io.BytesIO(json.dumps(described).encode())
            return {**answer, "FunctionError": "Unhandled", "Payload": payload}
        return {**answer, "Payload": io.BytesIO(json.dumps(result).encode())}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        mock_aws(config={"stepfunctions": {"execute_state_machine": True}}),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: _Functions())
        yield boto3.client("stepfunctions")


def _decoded(output: str | None) -> Any:
    """An output, which moto leaves without quotes where it is a text."""
    try:
        return None if output is None else json.loads(output)
    except json.JSONDecodeError:
        return output


_COIN_TOSS = "intrinsic-functions/mathrandom-of-one-possible-number-is-that-number"
"""moto's States.MathRandom sometimes draws the end of its range, which AWS excludes."""


def _supported() -> tuple[Case, ...]:
    """The cases without JSONata and variables: moto needs a Java virtual machine for both."""
    return tuple(
        case
        for case in cases_that_run()
        if case.id != _COIN_TOSS
        and not any(word in named_for_workers(case) for word in ("JSONata", "Assign"))
    )


def _ended(client: Any, case: Case) -> Mapping[str, Any]:
    machine = client.create_state_machine(
        name=worker_name(case, "")[:78].rstrip("-"),
        definition=named_for_workers(case),
        roleArn="arn:aws:iam::123456789012:role/conformance",
    )
    started = client.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps(case.content["input"])
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended: Mapping[str, Any] = client.describe_execution(executionArn=started["executionArn"])
        if ended["status"] != "RUNNING":
            return ended
        time.sleep(0.01)
    raise AssertionError("moto does not end")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            marks=[pytest.mark.xfail(reason=DISAGREEMENTS[case.id], strict=True)]
            if case.id in DISAGREEMENTS
            else [],
        )
        for case in _supported()
    ],
    ids=lambda case: case.id,
)
def test_moto_agrees(client: Any, case: Case) -> None:
    ended = _ended(client, case)
    check_ended(
        case,
        status=ended["status"],
        output=_decoded(ended.get("output")),
        error=ended.get("error"),
        why=ended.get("cause"),
    )
