"""Resource ARNs of Task states."""

import pytest

from pipeline.language.errors import InvalidExpression
from pipeline.language.resource import Pattern, Resource, parse_resource


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:Hello", "Hello"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:Hello:live", "Hello:live"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:Hello:$LATEST", "Hello:$LATEST"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:Hello", "Hello"),
    ],
)
def test_a_function_arn_names_the_function_with_its_qualifier(arn: str, name: str) -> None:
    resource = parse_resource(arn)
    assert resource == Resource(arn=arn, service="function", action=name)
    assert resource.is_bare_function


def test_an_activity_arn_names_the_activity() -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:activity:Approve"
    assert parse_resource(arn) == Resource(arn=arn, service="activity", action="Approve")


@pytest.mark.parametrize(
    ("suffix", "service", "action", "pattern"),
    [
        ("lambda:invoke", "lambda", "invoke", Pattern.REQUEST_RESPONSE),
        ("lambda:invoke.waitForTaskToken", "lambda", "invoke", Pattern.WAIT_FOR_TASK_TOKEN),
        ("states:startExecution.sync", "states", "startExecution", Pattern.SYNC),
        ("states:startExecution.sync:2", "states", "startExecution", Pattern.SYNC_2),
        ("aws-sdk:s3:getObject", "aws-sdk:s3", "getObject", Pattern.REQUEST_RESPONSE),
    ],
)
def test_an_integration_names_service_action_and_pattern(
    suffix: str, service: str, action: str, pattern: Pattern
) -> None:
    resource = parse_resource(f"arn:aws:states:::{suffix}")
    assert (resource.service, resource.action, resource.pattern) == (service, action, pattern)
    assert not resource.is_bare_function


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "arn:aws:s3:::bucket",
        "arn:aws:lambda:eu-west-1:123456789012:function:",
        "arn:aws:states:::lambda",
        "arn:aws:states:::lambda:invoke.whenever",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidExpression, match="is not recognized"):
        parse_resource(text)
