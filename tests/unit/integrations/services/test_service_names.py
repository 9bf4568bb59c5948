"""Names as the Java SDK spells them, and through it Step Functions."""

import pytest

from pipeline.integrations.services.service_actions import UnknownAction, find_action
from pipeline.integrations.services.service_names import (
    action_name,
    client_name,
    optimised_field,
    sdk_exception,
    sdk_field,
)


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("S3", "S3"),
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
        ("SESv2", "SesV2"),
        ("ApiGatewayV2", "ApiGatewayV2"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("Config Service", "Config"),
        ("Database Migration Service", "DatabaseMigration"),
    ],
)
def test_a_client_has_the_name_of_its_service_without_acronyms(service_id: str, name: str) -> None:
    assert client_name(service_id) == name


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("ETag", "ETag"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ContentMD5", "ContentMD5"),
        ("MD5OfMessageBody", "Md5OfMessageBody"),
        ("ACL", "Acl"),
        ("jobName", "JobName"),
    ],
)
def test_a_field_begins_with_a_capital_and_no_acronym(member: str, name: str) -> None:
    assert sdk_field(member) == name


def test_an_optimised_field_keeps_its_acronym() -> None:
    assert (optimised_field("MD5OfMessageBody"), optimised_field("jobName")) == (
        "MD5OfMessageBody",
        "JobName",
    )


@pytest.mark.parametrize(
    ("operation", "name"),
    [("ListObjectsV2", "listObjectsV2"), ("DescribeDBInstances", "describeDBInstances")],
)
def test_an_action_begins_with_a_small_letter(operation: str, name: str) -> None:
    assert action_name(operation) == name


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ("NoSuchKey", "NoSuchKeyException"),
        ("ConditionalCheckFailedException", "ConditionalCheckFailedException"),
        ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
    ],
)
def test_every_error_is_an_exception(shape: str, name: str) -> None:
    assert sdk_exception(shape) == name


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("s3", "s3"),
        ("sfn", "stepfunctions"),
        ("eventbridge", "events"),
        ("cloudwatchevents", "events"),
        ("cloudwatchlogs", "logs"),
        ("config", "config"),
        ("cognitoidentityprovider", "cognito-idp"),
        ("elasticloadbalancingv2", "elbv2"),
    ],
)
def test_a_service_is_found_by_its_java_name(name: str, service: str) -> None:
    listing = {"s3": "listBuckets", "sfn": "listActivities", "config": "listTagsForResource"}
    others = {"cloudwatchlogs": "describeLogGroups", "cognitoidentityprovider": "listUserPools"}
    events = {"eventbridge": "listRules", "cloudwatchevents": "listRules"}
    action = {"elasticloadbalancingv2": "describeRules", **listing, **others, **events}[name]
    assert find_action(f"aws-sdk:{name}", action).service == service


@pytest.mark.parametrize(
    ("service", "action", "message"),
    [
        ("aws-sdk:dynamo", "getItem", "There is no AWS service 'dynamo'"),
        ("aws-sdk:stepfunctions", "startExecution", "did you mean 'sfn'?"),
        ("aws-sdk:s3", "getObjects", "did you mean 'getObject'?"),
        ("aws-sdk:s3", "selectObjectContent", "streams events"),
    ],
)
def test_what_there_is_not_is_named(service: str, action: str, message: str) -> None:
    with pytest.raises(UnknownAction, match=message.replace("?", r"\?")):
        find_action(service, action)
