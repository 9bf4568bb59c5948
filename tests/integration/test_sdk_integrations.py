"""AWS's services from Task states by their SDK names, at a server that stands for them."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tests.machines import only
from tests.platforms import Ended, Platform, embedded_platform

QUEUE_NAME = "answers"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, s3_server: str) -> Iterator[Platform]:
    """StateBag whose services are all at the server."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", s3_server)
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        directory = tmp_path_factory.mktemp("sdk")
        with embedded_platform(directory, tables="aws", event_bus="aws") as platform:
            yield platform


def client(service: str) -> Any:
    return boto3.session.Session().client(service)


def state(action: str, parameters: dict[str, Any], **fields: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::{action}"
    end = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **fields, **end}


def run(platform: Platform, action: str, parameters: dict[str, Any], **fields: Any) -> Ended:
    return platform.run(only(state(action, parameters, **fields)))


@pytest.fixture
def bucket(platform: Platform) -> str:
    name = f"bucket-{uuid4().hex[:8]}"
    ended = run(platform, "aws-sdk:s3:createBucket", {"Bucket": name})
    assert ended.status == "SUCCEEDED", ended.cause
    return name


def test_an_object_is_put_read_and_listed(platform: Platform, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "a/key"}
    put = run(platform, "aws-sdk:s3:putObject", {**where, "Body": {"n": 1}, "Metadata": {"k": "v"}})
    got = run(platform, "aws-sdk:s3:getObject", where).output
    assert put.output["ETag"] == got["ETag"]
    assert (got["Body"], got["Metadata"], got["ContentLength"]) == ('{"n":1}', {"k": "v"}, 7)
    assert got["LastModified"].endswith("Z")
    listed = run(platform, "aws-sdk:s3:listObjectsV2", {"Bucket": bucket}).output
    assert [(item["Key"], item["Size"]) for item in listed["Contents"]] == [("a/key", 7)]
    assert "ResponseMetadata" not in listed
    assert "SdkHttpMetadata" not in listed


def test_the_history_names_service_and_action(platform: Platform) -> None:
    execution = platform.start(only(state("aws-sdk:s3:listBuckets", {})))
    assert platform.wait(execution).status == "SUCCEEDED"
    scheduled = platform.history(execution)[2]
    assert (scheduled.type, scheduled.details["resourceType"], scheduled.details["resource"]) == (
        "TaskScheduled",
        "aws-sdk:s3",
        "listBuckets",
    )


@pytest.mark.parametrize(
    ("action", "parameters", "error", "message"),
    [
        (
            "s3:getObject",
            {"Bucket": "not-there", "Key": "k"},
            "S3.NoSuchBucketException",
            "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: ",
        ),
        ("s3:headBucket", {"Bucket": "not-there"}, "S3.NoSuchBucketException", "Not Found ("),
        (
            "dynamodb:getItem",
            {"TableName": "not-there", "Key": {"k": {"S": "k"}}},
            "DynamoDb.ResourceNotFoundException",
            "Requested resource not found (Service: DynamoDb, Status Code: 400, ",
        ),
        (
            "sqs:getQueueUrl",
            {"QueueName": "not-there"},
            "Sqs.QueueDoesNotExistException",
            "The specified queue does not exist",
        ),
        ("ssm:getParameter", {"Name": "not-there"}, "Ssm.ParameterNotFoundException", "Parameter "),
        ("s3:getObject", {"Bucket.$": "$$.Execution.Name", "Key": 5}, "States.Runtime", "The Para"),
    ],
)
def test_an_error_has_the_name_of_the_java_sdk(
    platform: Platform, action: str, parameters: dict[str, Any], error: str, message: str
) -> None:
    ended = run(platform, f"aws-sdk:{action}", parameters)
    assert ended.error == error
    assert (ended.cause or "").startswith(message)


def test_an_error_that_no_model_knows_is_named_after_the_service(
    platform: Platform, bucket: str
) -> None:
    client("s3").put_object(Bucket=bucket, Key="k")
    ended = run(platform, "aws-sdk:s3:deleteBucket", {"Bucket": bucket})
    assert ended.error == "S3.S3Exception"
    assert (ended.cause or "").startswith(
        "The bucket you tried to delete is not empty (Service: S3"
    )


def test_an_object_above_the_limit_is_not_read_to_its_end(platform: Platform, bucket: str) -> None:
    client("s3").put_object(Bucket=bucket, Key="large", Body=b"x" * 300_000)
    ended = run(platform, "aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "large"})
    assert ended.error == "States.DataLimitExceeded"
    assert "arn:aws:states:::aws-sdk:s3:getObject" in (ended.cause or "")


def test_secrets_parameters_events_and_logs(platform: Platform) -> None:
    suffix = uuid4().hex[:8]
    secret = {"Name": f"secret-{suffix}", "SecretString": "hush"}
    run(platform, "aws-sdk:secretsmanager:createSecret", secret)
    asked = {"SecretId": secret["Name"]}
    told = run(platform, "aws-sdk:secretsmanager:getSecretValue", asked).output
    assert told["SecretString"] == "hush"
    parameter = {"Name": f"/p/{suffix}", "Value": "v", "Type": "String"}
    assert run(platform, "aws-sdk:ssm:putParameter", parameter).output["Version"] == 1
    group = {"LogGroupName": f"group-{suffix}"}
    assert run(platform, "aws-sdk:cloudwatchlogs:createLogGroup", group).status == "SUCCEEDED"
    entry = {"Source": "s", "DetailType": "d", "Detail": "{}"}
    events = run(platform, "aws-sdk:eventbridge:putEvents", {"Entries": [entry]}).output
    assert events["FailedEntryCount"] == 0


def test_step_functions_fields_begin_with_capitals(platform: Platform) -> None:
    name = f"machine-{uuid4().hex[:8]}"
    definition = json.dumps(only({"Type": "Pass", "End": True}))
    role = "arn:aws:iam::123456789012:role/any"
    made = {"Name": name, "Definition": definition, "RoleArn": role}
    machine = run(platform, "aws-sdk:sfn:createStateMachine", made).output
    assert machine["StateMachineArn"].endswith(f":{name}")
    started = run(
        platform,
        "aws-sdk:sfn:startExecution",
        {"StateMachineArn": machine["StateMachineArn"], "Input": "{}"},
    ).output
    assert f":execution:{name}:" in started["ExecutionArn"]
    assert started["StartDate"].endswith("Z")


@pytest.fixture
def queue(platform: Platform) -> str:
    url: str = client("sqs").create_queue(QueueName=f"{QUEUE_NAME}-{uuid4().hex[:8]}")["QueueUrl"]
    return url


def received(queue: str) -> Any:
    [message] = client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    return json.loads(message["Body"])


def test_a_message_may_be_any_json(platform: Platform, queue: str) -> None:
    sent = run(platform, "sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"n": [1]}}).output
    assert sent["MD5OfMessageBody"]
    assert sent["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert received(queue) == {"n": [1]}


def test_a_topic_passes_on_a_json_message(platform: Platform, queue: str) -> None:
    topic = client("sns").create_topic(Name=f"topic-{uuid4().hex[:8]}")["TopicArn"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    ended = run(platform, "sns:publish", {"TopicArn": topic, "Message": {"n": 1}})
    assert ended.output["MessageId"]
    assert json.loads(received(queue)["Message"]) == {"n": 1}


@pytest.mark.parametrize("action", ["sqs:sendMessage", "aws-sdk:sqs:sendMessage"])
def test_a_task_token_goes_by_a_queue_and_is_answered(
    platform: Platform, queue: str, action: str
) -> None:
    body = "States.JsonToString($$.Task)" if action.startswith("aws-sdk") else "$$.Task"
    parameters = {"QueueUrl": queue, "MessageBody.$": body}
    execution = platform.start(only(state(f"{action}.waitForTaskToken", parameters)))
    token = received(queue)["Token"]
    platform.until(lambda: "TaskSubmitted" in platform.types(execution))
    platform.send_task_success(token, {"answered": True})
    assert platform.wait(execution).output == {"answered": True}
    assert platform.types(execution)[2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]


ROLE = "arn:aws:iam::111122223333:role/worker"


def test_credentials_make_the_call_one_of_the_assumed_role(platform: Platform) -> None:
    execution = platform.start(
        only(
            state(
                "aws-sdk:sts:getCallerIdentity",
                {},
                Credentials={"RoleArn.$": "$.role"},
            )
        ),
        {"role": ROLE},
    )
    ended = platform.wait(execution)
    assert ended.output["Arn"].startswith("arn:aws:sts::111122223333:assumed-role/worker/")
    assert platform.history(execution)[2].details["taskCredentials"] == {"roleArn": ROLE}
    without = run(platform, "aws-sdk:sts:getCallerIdentity", {})
    assert "assumed-role" not in without.output["Arn"]


def test_credentials_without_a_role_fail_the_state(platform: Platform) -> None:
    definition = only(
        state("aws-sdk:sts:getCallerIdentity", {}, Credentials={"RoleArn.$": "$.role"})
    )
    ended = platform.run(definition, {"role": 5})
    assert ended.error == "States.Runtime"
    refused = platform.run(definition, {"role": "short"})
    assert refused.error == "States.Permissions"


def test_services_are_called_from_jsonata_too(platform: Platform, bucket: str) -> None:
    put = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": bucket, "Key": "{% $states.input.key %}", "Body": "{% 1 + 1 %}"},
        "Output": "{% $exists($states.result.ETag) %}",
        "End": True,
    }
    assert platform.run(only(put), {"key": "sum"}).output is True
    assert client("s3").get_object(Bucket=bucket, Key="sum")["Body"].read() == b"2"
