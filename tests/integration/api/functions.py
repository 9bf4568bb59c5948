"""Functions as clients of the endpoint create and call them, by boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.zips import zip_of

ROLE = "arn:aws:iam::000000000000:role/any"
ECHO = "def handler(event, context):\n    return {'event': event, 'version': {version!r}}\n"


def create(functions: Any, name: str, code: str = ECHO, **values: Any) -> Any:
    """Create a function of a module; what is not given is made up."""
    given = {
        "FunctionName": name,
        "Runtime": "python3.12",
        "Role": ROLE,
        "Handler": "index.handler",
        "Code": {"ZipFile": zip_of(code.replace("{version!r}", "1"))},
    }
    return functions.create_function(**(given | values))


def invoke(functions: Any, name: str, event: Any = None, **values: Any) -> Any:
    """The result of a call."""
    return answered(functions, name, Payload=json.dumps(event), **values)["Payload"]


def answered(functions: Any, name: str, **values: Any) -> Any:
    """The answer to Invoke, its payload read."""
    answer = functions.invoke(FunctionName=name, **values)
    payload = answer["Payload"].read()
    return answer | {"Payload": json.loads(payload) if payload else None}


def refusal(call: Any, **values: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**values)
    response = caught.value.response
    error, status = response["Error"], response["ResponseMetadata"]["HTTPStatusCode"]
    return error["Code"], status, error["Message"]


def arn(name: str, account_id: str = "000000000000") -> str:
    return f"arn:aws:lambda:us-east-1:{account_id}:function:{name}"
