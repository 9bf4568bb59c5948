"""What the model says of members beyond their types, in AWS's words."""

from typing import Any

import pytest

from pipeline.api.constraints import PAYLOADS, check_constraints
from pipeline.api.errors import ApiError
from pipeline.api.lambda_model import lambda_model
from pipeline.api.service_model import operation

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:m"


def check(action: str, members: dict[str, Any], **options: Any) -> None:
    check_constraints(members, operation(action).input_shape, **options)


def complaint(action: str, members: dict[str, Any]) -> str:
    with pytest.raises(ApiError) as caught:
        check(action, members)
    assert caught.value.code == "ValidationException"
    return caught.value.message


def test_what_the_model_allows_is_taken() -> None:
    check("StartExecution", {"stateMachineArn": ARN, "name": "n" * 80, "input": "x" * 262144})


@pytest.mark.parametrize(
    ("action", "members", "violation"),
    [
        (
            "CreateActivity",
            {},
            "Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateActivity",
            {"name": "n" * 81},
            f"Value '{'n' * 81}' at 'name' failed to satisfy constraint: "
            "Member must have length less than or equal to 80",
        ),
        (
            "CreateActivity",
            {"name": ""},
            "Value '' at 'name' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "ListExecutions",
            {"maxResults": 1001},
            "Value '1001' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
        ),
        (
            "ListExecutions",
            {"statusFilter": "DONE"},
            "Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum "
            "value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]",
        ),
        (
            "StartExecution",
            {"stateMachineArn": ARN, "input": "x" * 262145},
            "Value at 'input' failed to satisfy constraint: "
            "Member must have length less than or equal to 262144",
        ),
        (
            "StartExecution",
            {"stateMachineArn": ARN, "traceHeader": "é"},
            "Value 'é' at 'traceHeader' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: \p{ASCII}*",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "live", "routingConfiguration": []},
            "Value '[]' at 'routingConfiguration' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "CreateStateMachineAlias",
            {
                "name": "live",
                "routingConfiguration": [{"stateMachineVersionArn": f"{ARN}:1", "weight": 101}],
            },
            "Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: "
            "Member must have value less than or equal to 100",
        ),
        (
            "CreateStateMachineAlias",
            {"name": "live", "routingConfiguration": [None]},
            "Value null at 'routingConfiguration.1.member' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "UntagResource",
            {"resourceArn": ARN, "tagKeys": ["a", ""]},
            "Value '[a, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy "
            "constraint: [Member must have length less than or equal to 128, Member must have "
            "length greater than or equal to 1, Member must satisfy regular expression pattern: "
            r"[^\x00]*]",
        ),
        (
            "StopExecution",
            {"executionArn": ARN, "cause": "a\x00"},
            "Value at 'cause' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [^\x00]*",
        ),
    ],
)
def test_a_violation_is_told_as_aws_tells_it(
    action: str, members: dict[str, Any], violation: str
) -> None:
    assert complaint(action, members) == f"1 validation error detected: {violation}"


@pytest.mark.parametrize(
    ("members", "violation"),
    [
        (
            {"MemorySize": 1},
            "Value '1' at 'memorySize' failed to satisfy constraint: "
            "Member must have value greater than or equal to 128",
        ),
        (
            {"Environment": {"Variables": {"A=B": "x"}}},
            "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy "
            "constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, "
            r"Member must satisfy regular expression pattern: [^\x00]*]",
        ),
        (
            {"Environment": {"Variables": {"AB": "\x00"}}},
            "Value at 'environment.variables' failed to satisfy constraint: Map value must satisfy "
            r"constraint: [Member must satisfy regular expression pattern: [^\x00]*]",
        ),
    ],
)
def test_lambdas_members_begin_with_a_small_letter(members: dict[str, Any], violation: str) -> None:
    shape = lambda_model().operation_model("UpdateFunctionConfiguration").input_shape
    with pytest.raises(ApiError) as caught:
        check_constraints({"FunctionName": "f", **members}, shape)
    assert caught.value.message == f"1 validation error detected: {violation}"


def test_all_violations_are_told_at_once() -> None:
    assert complaint("CreateStateMachine", {"name": "", "roleArn": "r"}) == (
        "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1; Value null at 'definition' failed to "
        "satisfy constraint: Member must not be null"
    )


def test_payloads_may_have_any_length_where_limits_are_lifted() -> None:
    members = {"stateMachineArn": ARN, "input": "x" * 262145}
    check("StartExecution", members, unbounded=PAYLOADS)
    with pytest.raises(ApiError):
        check("StartExecution", {**members, "name": "n" * 81}, unbounded=PAYLOADS)
