"""What is refused at creation because a service does not have it."""

import json
from typing import Any

import pytest

from pipeline.integrations.services.definition_checks import checked_definition
from pipeline.language.errors import InvalidDefinition
from tests.machines import only


def task(name: str, parameters: Any = None, **fields: Any) -> dict[str, Any]:
    given = {} if parameters is None else {"Parameters": parameters}
    resource = f"arn:aws:states:::{name}"
    return only({"Type": "Task", "Resource": resource, **given, **fields, "End": True}, "S")


def jsonata(name: str, arguments: Any) -> dict[str, Any]:
    return {**task(name, None, Arguments=arguments), "QueryLanguage": "JSONata"}


def problems(definition: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDefinition) as refused:
        checked_definition(json.dumps(definition))
    return [(problem.place, problem.message) for problem in refused.value.problems]


PLACE = "/States/S"
GET = {"Bucket.$": "$.bucket", "Key": "k"}


@pytest.mark.parametrize(
    "definition",
    [
        task("aws-sdk:s3:getObject", GET),
        task("aws-sdk:s3:getObject"),
        task("aws-sdk:s3:listBuckets", {}),
        task("aws-sdk:sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", "MessageBody": "m"}),
        task("aws-sdk:batch:submitJob", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}),
        task("aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "i"}),
        task("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": {"any": "thing"}}),
        task("states:startExecution", {"StateMachineArn": "m", "Input": {"any": "thing"}}),
        task("sns:publish.waitForTaskToken", {"TopicArn": "t", "Message.$": "$"}),
        task("dynamodb:getItem", {"TableName": "t", "Key": {"any name": {"S": "k"}}}),
        task("glue:startJobRun", {"JobName": "j", "Arguments": {"--any": "x"}}),
        jsonata("aws-sdk:s3:getObject", {"Bucket": "{% $states.input.b %}", "Key": "k"}),
        jsonata("aws-sdk:s3:getObject", "{% $states.input %}"),
        task(
            "http:invoke",
            {"ApiEndpoint": "https://a", "Method": "GET", "Authentication": {"ConnectionArn": "c"}},
        ),
    ],
)
def test_what_the_services_have_is_taken(definition: dict[str, Any]) -> None:
    checked_definition(json.dumps(definition))


@pytest.mark.parametrize(
    ("definition", "place", "message"),
    [
        (
            task("aws-sdk:s4:getObject"),
            "/Resource",
            "There is no AWS service 's4'",
        ),
        (
            task("aws-sdk:s3:getObjects", GET),
            "/Resource",
            "The service 'aws-sdk:s3' has no action 'getObjects'; did you mean 'getObject'?",
        ),
        (
            task("aws-sdk:s3:getObject", {"Key": "k"}),
            "/Parameters",
            'The field "Bucket" is required but was missing',
        ),
        (
            task("aws-sdk:s3:getObject", {**GET, "Part": 1}),
            "/Parameters/Part",
            'The field "Part" is not supported by Step Functions',
        ),
        (
            task("dynamodb:getItem", {"Key": {}}),
            "/Parameters",
            'The field "TableName" is required but was missing',
        ),
        (
            task("events:putEvents", {"Entries": [{"source": "s"}]}),
            "/Parameters/Entries/0/source",
            "The field \"source\" is not supported by Step Functions; did you mean 'Source'?",
        ),
        (
            jsonata("aws-sdk:s3:getObject", {"Bucket": "b", "key": "{% 1 %}"}),
            "/Arguments",
            'The field "Key" is required but was missing',
        ),
        (
            task("states:startExecution.sync:2", {"Input.$": "$"}),
            "/Parameters",
            'The field "StateMachineArn" is required but was missing',
        ),
        (
            task("states:startExecution", {"StateMachineArn.$": "$.a", "Inputs": {}}),
            "/Parameters/Inputs",
            "The field \"Inputs\" is not supported by Step Functions; did you mean 'Input'?",
        ),
        (
            task("http:invoke", {"Methods": "GET"}),
            "/Parameters/Methods",
            "The field \"Methods\" is not supported by Step Functions; did you mean 'Method'?",
        ),
        (
            task("http:invoke", {"Method": "GET", "Authentication": {"ConnectionArn": "c"}}),
            "/Parameters",
            'The field "ApiEndpoint" is required but was missing',
        ),
        (
            task("http:invoke", {"Method": "GET", "ApiEndpoint": "https://a"}),
            "/Parameters",
            'The field "Authentication" is required but was missing',
        ),
    ],
)
def test_what_they_do_not_have_is_refused(
    definition: dict[str, Any], place: str, message: str
) -> None:
    assert (PLACE + place, message) in problems(definition)


def test_states_within_others_are_checked_with_their_places() -> None:
    branch = task("aws-sdk:s3:getObject", {"Bucket": "b"})
    parallel = only({"Type": "Parallel", "Branches": [branch], "End": True}, "Outer")
    [(place, _)] = problems(parallel)
    assert place == "/States/Outer/Branches/0/States/S/Parameters"


@pytest.mark.parametrize(
    ("credentials", "place", "message"),
    [
        ({}, "/Credentials", "One of the fields 'RoleArn', 'RoleArn.$' is needed"),
        ({"RoleArn": "me"}, "/Credentials/RoleArn", "'me' is not the ARN of a role"),
        ({"RoleArn.$": "$.r", "X": 1}, "/Credentials/X", "'X' is not a field of Credentials"),
    ],
)
def test_credentials_name_a_role(credentials: Any, place: str, message: str) -> None:
    found = problems(task("aws-sdk:s3:listBuckets", {}, Credentials=credentials))
    assert (PLACE + place, message) in found
