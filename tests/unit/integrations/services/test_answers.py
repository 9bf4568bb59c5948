"""Answers of services as results and errors of their states."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.integrations.services.connections import Connections
from pipeline.integrations.services.http_task import HttpTask
from pipeline.integrations.services.integrations import Services
from pipeline.integrations.services.results import to_result
from pipeline.integrations.services.run_task import reject_failures
from pipeline.integrations.services.service_actions import find_action
from pipeline.integrations.services.service_errors import service_error
from pipeline.language.errors import ExecutionError

NOON = datetime(2024, 5, 6, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "2024-05-06T12:00:00Z"),
        (120_000, "2024-05-06T12:00:00.120Z"),
        (123_456, "2024-05-06T12:00:00.123456Z"),
    ],
)
def test_a_time_of_an_sdk_integration_is_written_as_java_does(fraction: int, text: str) -> None:
    answer = {"executionArn": "a", "startDate": NOON.replace(microsecond=fraction)}
    started = to_result(answer, find_action("aws-sdk:sfn", "startExecution"), strict_limits=True)
    assert started == {"ExecutionArn": "a", "StartDate": text}


def test_a_time_of_an_optimised_integration_is_in_milliseconds() -> None:
    answer = {"tasks": [{"createdAt": NOON.replace(microsecond=5000)}]}
    result: Any = to_result(answer, find_action("ecs", "runTask"), strict_limits=True)
    assert result["Tasks"] == [{"CreatedAt": 1_714_996_800_005}]


def test_the_metadata_of_an_optimised_integration_is_spelled_as_aws_sends_it() -> None:
    metadata = {
        "RequestId": "r-1",
        "HTTPStatusCode": 200,
        "HTTPHeaders": {"content-type": "a/json", "x-amz-crc32": "5", "x-amzn-requestid": "r-1"},
    }
    answer = {"MessageId": "m", "ResponseMetadata": metadata}
    headers = {"x-amzn-RequestId": "r-1", "Content-Type": "a/json", "x-amz-crc32": "5"}
    assert to_result(answer, find_action("sqs", "sendMessage"), strict_limits=True) == {
        "MessageId": "m",
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": "r-1"},
    }


def refused(code: str, **more: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": 400, "RequestId": "r-1"}
    answer: Any = {"Error": {"Code": code, "Message": "No.", **more}, "ResponseMetadata": metadata}
    return ClientError(answer, "Any")


@pytest.mark.parametrize(
    ("action", "code", "error", "cause"),
    [
        (
            "dynamodb:putItem",
            "ConditionalCheckFailedException",
            "DynamoDB.ConditionalCheckFailedException",
            "No. (Service: AmazonDynamoDBv2; Status Code: 400; "
            "Error Code: ConditionalCheckFailedException; Request ID: r-1; Proxy: null)",
        ),
        (
            "batch:submitJob",
            "Strange",
            "Batch.AWSBatchException",
            "No. (Service: AWSBatch; Status Code: 400; Error Code: Strange; Request ID: r-1; "
            "Proxy: null)",
        ),
        (
            "sns:publish",
            "NotFound",
            "SNS.NotFoundException",
            "No. (Service: AmazonSNS; Status Code: 400; Error Code: NotFound; Request ID: r-1; "
            "Proxy: null)",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            "ConditionalCheckFailedException",
            "DynamoDb.ConditionalCheckFailedException",
            "No. (Service: DynamoDb, Status Code: 400, Request ID: r-1)",
        ),
    ],
)
def test_an_error_has_the_words_of_the_java_sdk_behind_the_integration(
    action: str, code: str, error: str, cause: str
) -> None:
    service, _, name = action.rpartition(":")
    told = service_error(refused(code), find_action(service, name))
    assert (told.error, told.cause) == (error, cause)


def test_a_queue_that_is_not_there_is_told_by_its_code_of_old() -> None:
    code = "AWS.SimpleQueueService.NonExistentQueue"
    error = refused(code, QueryErrorCode="QueueDoesNotExist")
    told = service_error(error, find_action("sqs", "sendMessage"))
    assert told.error == "SQS.QueueDoesNotExistException"
    assert f"Error Code: {code};" in told.cause


def test_a_job_run_of_glue_tells_the_name_of_its_job() -> None:
    services = Services(
        local={"glue": {"startJobRun": lambda **_: {"JobRunId": "jr-1"}}},
        http=HttpTask(Connections(by_name={}), lambda: 0.0, region="us-east-1"),
        region="us-east-1",
        strict_limits=True,
    )
    result: Any = services.call("glue", "startJobRun", {"JobName": "nightly"})
    assert (result["JobName"], result["JobRunId"]) == ("nightly", "jr-1")
    sdk: Any = services.call("aws-sdk:glue", "startJobRun", {"JobName": "nightly"})
    assert sdk == {"JobRunId": "jr-1"}


def test_tasks_that_were_not_started_fail_whoever_would_wait_for_them() -> None:
    reject_failures({"Tasks": [{}], "Failures": []})
    with pytest.raises(ExecutionError) as caught:
        reject_failures({"Tasks": [], "Failures": [{"Reason": "RESOURCE:CPU"}]})
    assert (caught.value.error, caught.value.cause) == (
        "AmazonECS.Unknown",
        '[{"Reason":"RESOURCE:CPU"}]',
    )
