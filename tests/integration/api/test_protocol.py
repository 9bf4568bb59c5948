"""AWS JSON 1.0 over HTTP: what clients send, and what they get."""

import gzip
import json
import logging
import socket
from collections.abc import Iterator
from logging.handlers import QueueHandler
from queue import SimpleQueue
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError
from sqlalchemy.exc import OperationalError

from pipeline.api.call import Call
from pipeline.api.errors import ApiError
from pipeline.executions.start_requests import read_input
from pipeline.payloads.object_store import ObjectStoreUnavailable
from tests.api_server import Api
from tests.integration.api.endpoints import MEDIA_TYPE, endpoint, post


def describe_activity(call: Call) -> dict[str, Any]:
    """Tells who asks."""
    return {
        "activityArn": call.input["activityArn"],
        "name": f"{call.account_id} {call.region}",
        "creationDate": 1700000000.5,
    }


async def list_activities(call: Call) -> dict[str, Any]:
    """A coroutine function."""
    return {"activities": [], "nextToken": json.dumps(call.input)}


def create_activity(call: Call) -> dict[str, Any]:
    raise ApiError("ActivityLimitExceeded", "enough")


def tag_resource(call: Call) -> dict[str, Any]:
    raise ApiError("ResourceNotFound", "not there", resourceName=call.input["resourceArn"])


def delete_activity(call: Call) -> dict[str, Any]:
    raise RuntimeError("the password is swordfish")


def stop_execution(call: Call) -> dict[str, Any]:
    raise OperationalError("SELECT secrets", {}, Exception("connection refused"))


def send_task_heartbeat(call: Call) -> dict[str, Any]:
    raise ObjectStoreUnavailable("s3://secrets/key", "connection refused")


ACTIONS = {
    "SendTaskHeartbeat": send_task_heartbeat,
    "DescribeActivity": describe_activity,
    "ListActivities": list_activities,
    "CreateActivity": create_activity,
    "TagResource": tag_resource,
    "DeleteActivity": delete_activity,
    "StopExecution": stop_execution,
}
ARN = "arn:aws:states:us-east-1:000000000000:activity:a"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with endpoint(tmp_path_factory.mktemp("protocol"), ACTIONS) as api:
        yield api


def refused(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal, which has AWS's shape."""
    body = response.json()
    assert response.headers["x-amzn-ErrorType"] == body["__type"]
    assert response.headers["x-amzn-RequestId"]
    assert response.headers["content-type"] == MEDIA_TYPE
    return response.status_code, body["__type"], body["message"]


def test_boto3_gets_what_the_handler_gives(asked: Api) -> None:
    client = asked.client("stepfunctions", account_id="111122223333", region="eu-west-1")
    answer = client.describe_activity(activityArn=ARN)
    assert answer["name"] == "111122223333 eu-west-1"
    assert answer["creationDate"].timestamp() == 1700000000.5
    assert answer["ResponseMetadata"]["RequestId"]


def test_a_coroutine_function_is_awaited(asked: Api) -> None:
    answer = asked.client("stepfunctions").list_activities(maxResults=5)
    assert json.loads(answer["nextToken"]) == {"maxResults": 5}


def test_an_error_of_the_model_is_boto3s_own_exception(asked: Api) -> None:
    client = asked.client("stepfunctions")
    with pytest.raises(client.exceptions.ActivityLimitExceeded) as caught:
        client.create_activity(name="a")
    assert caught.value.response["Error"]["Message"] == "enough"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_errors_further_members_are_given(asked: Api) -> None:
    client = asked.client("stepfunctions")
    with pytest.raises(client.exceptions.ResourceNotFound) as caught:
        client.tag_resource(resourceArn=ARN, tags=[])
    assert caught.value.response["resourceName"] == ARN


def test_violations_of_the_model_are_refused_before_the_handler(asked: Api) -> None:
    with pytest.raises(ClientError, match="Value null at 'activityArn'") as caught:
        asked.client("stepfunctions").describe_activity()
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    "target",
    [
        "AWSStepFunctions.Dance",
        "AWSStepFunctions.",
        "DescribeActivity",
        "Other.DescribeActivity",
        "",
    ],
)
def test_an_unknown_action_is_told_so(asked: Api, target: str) -> None:
    response = post(asked, "", X_Amz_Target=target)
    message = f"There is no action '{target}' here."
    assert refused(response) == (400, "UnknownOperationException", message)


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_another_protocol_is_not_found(asked: Api, media_type: str) -> None:
    status, code, message = refused(post(asked, "ListActivities", Content_Type=media_type))
    assert (status, code) == (404, "UnknownOperationException")
    assert MEDIA_TYPE in message


@pytest.mark.parametrize("media_type", [f"{MEDIA_TYPE}; charset=utf-8", MEDIA_TYPE.upper()])
def test_the_media_type_is_read_as_http_has_it(asked: Api, media_type: str) -> None:
    assert post(asked, "ListActivities", Content_Type=media_type).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("PUT", "/"), ("POST", "/a%0Ab")])
def test_other_paths_and_methods_are_refused_in_the_same_shape(
    asked: Api, method: str, path: str
) -> None:
    status, code, message = refused(httpx.request(method, asked.url + path))
    assert status in {404, 405}
    assert code == "UnknownOperationException"
    assert f"'{method} {unquote(path)}'" in message


def test_a_body_that_is_not_json_is_refused(asked: Api) -> None:
    status, code, _ = refused(post(asked, "ListActivities", b"{"))
    assert (status, code) == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b'{"maxResults": NaN}',
        b'{"maxResults": ' + b"9" * 400 + b"}",
        b'{"nextToken": ' + b"[" * 100_000,
        b'{"nextToken": "\xff"}',
        gzip.compress(b"{}", mtime=0),
        "{}".encode("utf-16"),
    ],
)
def test_a_body_that_only_looks_like_json_is_refused(asked: Api, body: bytes) -> None:
    status, code, _ = refused(post(asked, "ListActivities", body, Content_Encoding="gzip"))
    assert (status, code) == (400, "SerializationException")


def test_the_last_of_members_of_one_name_counts(asked: Api) -> None:
    answer = post(asked, "ListActivities", b'{"maxResults": 1, "maxResults": 2}')
    assert json.loads(answer.json()["nextToken"]) == {"maxResults": 2}


def test_a_request_above_a_mebibyte_is_refused(asked: Api) -> None:
    status, code, _ = refused(post(asked, "ListActivities", b" " * (1 << 20) + b"{}"))
    assert (status, code) == (413, "RequestEntityTooLargeException")


def test_a_chunked_request_above_a_mebibyte_is_refused(asked: Api) -> None:
    response = httpx.post(
        asked.url,
        content=(b" " * 65536 for _ in range(17)),
        headers={"X-Amz-Target": "AWSStepFunctions.ListActivities", "Content-Type": MEDIA_TYPE},
    )
    assert refused(response)[0] == 413


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_is_a_bad_request(asked: Api, request_: bytes) -> None:
    parts = urlsplit(asked.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(request_)
        assert connection.recv(64).startswith(b"HTTP/1.1 400 ")


def test_a_fault_of_ours_tells_the_client_nothing_and_the_log_everything(
    asked: Api, caplog: pytest.LogCaptureFixture
) -> None:
    response = post(asked, "DeleteActivity", {"activityArn": ARN})
    status, code, message = refused(response)
    assert (status, code) == (500, "InternalServerError")
    assert "swordfish" not in message
    assert "Traceback" not in response.text
    records = [record for record in caplog.records if record.exc_info]
    assert [str(record.exc_info[1]) for record in records if record.exc_info] == [
        "the password is swordfish"
    ]
    assert response.headers["x-amzn-RequestId"] in records[0].getMessage()


def test_a_ledger_that_is_away_is_a_passing_failure(asked: Api) -> None:
    response = post(asked, "StopExecution", {"executionArn": ARN})
    status, code, message = refused(response)
    assert (status, code) == (503, "ServiceUnavailableException")
    assert "secrets" not in message


def test_an_object_store_that_is_away_is_a_passing_failure(asked: Api) -> None:
    status, code, message = refused(post(asked, "SendTaskHeartbeat", {"taskToken": "t"}))
    assert (status, code) == (503, "ServiceUnavailableException")
    assert "secrets" not in message


def test_the_log_has_a_line_for_each_request_and_nothing_of_its_content(asked: Api) -> None:
    # The server logs a request after it has answered, so that the test waits for the line.
    records: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler, logger = QueueHandler(records), logging.getLogger("pipeline.api.request_log")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        response = post(asked, "DescribeActivity", {"activityArn": f"{ARN}-hush"})
        request_id = response.headers["x-amzn-RequestId"]
        lines = iter(lambda: records.get(timeout=30).getMessage(), None)
        line = next(line for line in lines if line.endswith(request_id))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert line.startswith("DescribeActivity 200 ")
    assert "hush" not in line


def test_health_tells_that_the_ledger_answers(asked: Api) -> None:
    response = httpx.get(f"{asked.url}/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "ledger": "ok"})


def test_limits_are_lifted_where_the_setting_lifts_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def send_task_success(call: Call) -> dict[str, Any]:
        return {}

    def start_execution(call: Call) -> dict[str, Any]:
        read_input(call.engine, call.input)
        return {}

    directory = tmp_path_factory.mktemp("unstrict")
    actions = {"SendTaskSuccess": send_task_success, "StartExecution": start_execution}
    with endpoint(directory, actions, strict_limits=False) as api:
        members = {"taskToken": "t", "output": "x" * (2 << 20)}
        assert post(api, "SendTaskSuccess", members).status_code == 200
        members = {"stateMachineArn": ARN, "input": f'"{"x" * (2 << 20)}"'}
        assert post(api, "StartExecution", members).status_code == 200
