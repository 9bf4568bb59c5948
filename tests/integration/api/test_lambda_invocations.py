"""Lambda's action Invoke, called by boto3."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api_server import Api
from tests.integration.api.functions import answered, create, invoke, refusal


@pytest.fixture(scope="module")
def functions(api: Api) -> Any:
    return api.client("lambda")


@pytest.fixture
def name(functions: Any) -> str:
    """Name of a function that returns its event."""
    name = f"f-{uuid4().hex[:8]}"
    create(functions, name)
    return name


def test_a_function_is_called_with_its_event(functions: Any, name: str) -> None:
    assert invoke(functions, name, {"a": [1, None]})["event"] == {"a": [1, None]}
    answer = answered(functions, name)
    assert answer["Payload"]["event"] == {}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert "LogResult" not in answer


def test_the_error_of_a_function_and_its_log_are_told(functions: Any) -> None:
    name = f"f-{uuid4().hex[:8]}"
    create(functions, name, "def handler(event, context):\n    print('hi')\n    return 1 / 0\n")
    answer = answered(functions, name, LogType="Tail")
    document = answer["Payload"]
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert document["errorType"] == "ZeroDivisionError"
    assert document["requestId"]
    log = base64.b64decode(answer["LogResult"]).decode()
    assert log.splitlines()[1:3] == ["hi", "[ERROR] ZeroDivisionError: division by zero"]


def test_a_functions_request_is_the_clients(functions: Any) -> None:
    name = f"f-{uuid4().hex[:8]}"
    create(functions, name, "def handler(event, context):\n    return context.aws_request_id\n")
    answer = answered(functions, name)
    assert answer["Payload"] == answer["ResponseMetadata"]["RequestId"]


def test_a_dry_run_and_an_event_do_not_wait(functions: Any, api: Api) -> None:
    name, path = f"f-{uuid4().hex[:8]}", api.platform.path("called")
    create(functions, name, "def handler(event, context):\n    open(event, 'w').write('x')\n")
    payload = json.dumps(str(path))
    dry = answered(functions, name, InvocationType="DryRun", Payload=payload)
    assert (dry["StatusCode"], path.exists()) == (204, False)
    event = answered(functions, name, InvocationType="Event", Payload=payload)
    assert (event["StatusCode"], event["Payload"]) == (202, None)
    assert api.platform.read(path) == "x"


def test_functions_of_the_functions_file_are_called_whatever_their_provider(
    functions: Any,
) -> None:
    assert invoke(functions, "double", 21) == 42
    assert invoke(functions, "over-http", "stressed") == "desserts"
    assert invoke(functions, "paint", {"colour": "blue"}) == {"colour": "blue", "coats": 1}
    failed = answered(functions, "paint", Payload='["invisible"]')
    assert failed["FunctionError"] == "Unhandled"
    assert failed["Payload"] == {
        "errorMessage": "no invisible left",
        "errorType": "OutOfPaint",
    }


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Payload": b"{no json"}, "InvalidRequestContentException"),
        ({"Payload": b"[" * 100_000}, "InvalidRequestContentException"),
        ({"Payload": b"[" * 1001 + b"]" * 1001}, "InvalidRequestContentException"),
        ({"Payload": b"\xff"}, "InvalidRequestContentException"),
        ({"Payload": "[1]".encode("utf-16")}, "InvalidRequestContentException"),
        ({"InvocationType": "Whenever"}, "ValidationException"),
        ({"Qualifier": "no qualifier"}, "ValidationException"),
        ({"FunctionName": "double:1", "Qualifier": "2"}, "InvalidParameterValueException"),
    ],
)
def test_an_invocation_that_cannot_be_is_refused(
    functions: Any, values: dict[str, Any], code: str
) -> None:
    given = {"FunctionName": "double"} | values
    assert refusal(functions.invoke, **given)[:2] == (code, 400)


def test_payloads_have_lambdas_limits(functions: Any) -> None:
    payload = json.dumps("x" * 1048576)
    assert len(invoke(functions, "echo", json.loads(payload))) == 1048576
    refused = refusal(
        functions.invoke, FunctionName="echo", Payload=payload, InvocationType="Event"
    )
    assert refused[:2] == ("RequestTooLargeException", 413)
    refused = refusal(functions.invoke, FunctionName="echo", Payload=json.dumps("x" * 6291456))
    assert refused[:2] == ("RequestTooLargeException", 413)
