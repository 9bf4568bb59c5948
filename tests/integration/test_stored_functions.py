"""Functions that were created over the API, called by state machines."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api_server import Api
from tests.machines import call, each, only
from tests.zips import zip_of

CODE = """
import os

def handler(event, context):
    if event == "fail":
        raise LookupError("not there")
    return {"event": event, "pid": os.getpid(), "arn": context.invoked_function_arn}
"""
OTHER_ACCOUNT = "111122223333"


@pytest.fixture
def name() -> str:
    return f"stored-{uuid4().hex[:8]}"


def create(api: Api, name: str, code: str = CODE, account_id: str = "000000000000") -> Any:
    return api.client("lambda", account_id=account_id).create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="index.handler",
        Code={"ZipFile": zip_of(code)},
        Publish=True,
    )


def invoke(name: str, **parameters: Any) -> dict[str, Any]:
    """A machine that invokes a function by lambda:invoke."""
    given = {"FunctionName": name, "Payload.$": "$"} | parameters
    return only(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": given,
            "End": True,
        }
    )


def test_a_task_state_calls_a_function_by_its_arn(api: Api, name: str) -> None:
    create(api, name)
    ended = api.platform.run(only(call(name)), {"a": 1})
    assert ended.output["event"] == {"a": 1}
    assert ended.output["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def test_a_task_state_calls_a_version_by_its_name(api: Api, name: str) -> None:
    create(api, name)
    ended = api.platform.run(invoke(name, Qualifier="1"), "x")
    assert ended.output["ExecutedVersion"] == "1"
    assert ended.output["Payload"]["arn"].endswith(f":function:{name}:1")


def test_a_function_is_called_for_each_item_of_a_map(api: Api, name: str) -> None:
    create(api, name)
    items = list(range(20))
    ended = api.platform.run(only(each(only(call(name)), MaxConcurrency=4)), items)
    assert [one["event"] for one in ended.output] == items


def test_the_exception_of_a_function_is_the_error_of_its_state(api: Api, name: str) -> None:
    create(api, name)
    ended = api.platform.run(only(call(name)), "fail")
    assert (ended.status, ended.error) == ("FAILED", "LookupError")
    assert json.loads(ended.cause or "")["errorMessage"] == "not there"


def test_a_function_invoked_as_an_event_is_called_later(api: Api, name: str) -> None:
    path = api.platform.path("later")
    create(api, name, "def handler(event, context):\n    open(event, 'w').write('called')\n")
    ended = api.platform.run(invoke(name, InvocationType="Event"), str(path))
    assert ended.output["StatusCode"] == 202
    assert api.platform.read(path) == "called"


def test_a_deleted_function_is_not_found(api: Api, name: str) -> None:
    create(api, name)
    api.client("lambda").delete_function(FunctionName=name)
    ended = api.platform.run(only(call(name)), None)
    assert ended.error == "Lambda.ResourceNotFoundException"


def test_a_function_of_another_account_is_called_by_its_arn_only(api: Api, name: str) -> None:
    arn = create(api, name, account_id=OTHER_ACCOUNT)["FunctionArn"].removesuffix(":1")
    assert api.platform.run(invoke(arn), 1).output["Payload"]["event"] == 1
    assert api.platform.run(invoke(name), 1).error == "Lambda.ResourceNotFoundException"


def test_a_function_that_is_not_here_is_invoked_where_the_environment_leads(
    api: Api, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint itself stands for another Lambda: that of the account of the key."""
    create(api, name, account_id=OTHER_ACCOUNT)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", api.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OTHER_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    answer = api.platform.run(invoke(name), "far").output["Payload"]
    assert answer["event"] == "far"
    assert answer["arn"] == f"arn:aws:lambda:us-east-1:{OTHER_ACCOUNT}:function:{name}"
    assert api.platform.run(invoke(name), "fail").error == "LookupError"
    missing = api.platform.run(invoke("nowhere"), None)
    assert missing.error == "Lambda.ResourceNotFoundException"
    assert "Status Code: 404" in (missing.cause or "")


def test_code_runs_outside_the_workers_process(api: Api, name: str) -> None:
    create(api, name, "import os\ndef handler(event, context):\n    os._exit(7)\n")
    ended = api.platform.run(only(call(name)), None)
    assert ended.error == "Runtime.ExitError"
    assert api.platform.run(only(call("double")), 4).output == 8
