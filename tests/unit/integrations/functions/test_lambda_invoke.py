"""What a Task state's resource and arguments ask for, and the result they get."""

import pytest

from pipeline.integrations.functions.celery_arguments import celery_arguments
from pipeline.integrations.functions.function_error import not_found_error
from pipeline.integrations.functions.lambda_invoke import (
    InvocationType,
    LambdaInvocation,
    invocation,
    invoke_result,
)
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.resource import parse_resource

ARN = "arn:aws:lambda:us-east-1:000000000000:function:count"
INVOKE = parse_resource("arn:aws:states:::lambda:invoke")


def error_of(arguments: Json) -> tuple[str, str]:
    with pytest.raises(ExecutionError) as caught:
        invocation(INVOKE, arguments)
    return caught.value.error, caught.value.cause


def test_a_bare_arn_is_called_with_the_arguments_as_its_event():
    assert invocation(parse_resource(ARN), [1]) == LambdaInvocation(reference=ARN, event=[1])


@pytest.mark.parametrize("suffix", ["", ".waitForTaskToken"])
def test_lambda_invoke_names_its_function_and_event(suffix: str):
    resource = parse_resource(f"arn:aws:states:::lambda:invoke{suffix}")
    arguments: Json = {"FunctionName": "count", "Payload": {"a": 1}, "Qualifier": "live"}
    assert invocation(resource, arguments) == LambdaInvocation(
        reference="count:live", event={"a": 1}, wrapped=True
    )


def test_without_a_payload_the_event_is_empty():
    assert invocation(INVOKE, {"FunctionName": ARN}).event == {}


@pytest.mark.parametrize(
    ("payload", "event"),
    [
        (None, {}),
        ('{"a": [1]}', {"a": [1]}),
        ('"text"', "text"),
        ("null", None),
        ("no JSON", "no JSON"),
        (["[1]"], ["[1]"]),
    ],
)
def test_a_payload_of_null_is_empty_and_a_text_is_json(payload: Json, event: Json):
    assert invocation(INVOKE, {"FunctionName": ARN, "Payload": payload}).event == event


def test_a_parameter_of_null_is_one_that_is_not_there():
    arguments: Json = {"FunctionName": "count", "Qualifier": None, "InvocationType": None}
    assert invocation(INVOKE, arguments) == invocation(INVOKE, {"FunctionName": "count"})
    assert error_of({"FunctionName": None})[1].endswith("is required but was missing]")


def test_an_event_invocation_is_not_waited_for():
    arguments: Json = {"FunctionName": "count", "InvocationType": "Event"}
    assert invocation(INVOKE, arguments).invocation_type is InvocationType.EVENT


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, 'The field "FunctionName" is required but was missing'),
        ([], 'The field "FunctionName" is required but was missing'),
        (
            {"FunctionName": "f", "Functon": 1},
            'The field "Functon" is not supported by Step Functions',
        ),
        ({"FunctionName": 3}, 'The value for the field "FunctionName" must be a STRING'),
    ],
)
def test_wrong_parameters_are_a_runtime_error(arguments: Json, complaint: str):
    error, cause = error_of(arguments)
    assert error == "States.Runtime"
    assert cause.endswith(f"could not be used to start the Task: [{complaint}]")


def test_an_unknown_invocation_type_is_an_invalid_parameter():
    error, cause = error_of({"FunctionName": "f", "InvocationType": "Later"})
    assert error == "Lambda.InvalidParameterValueException"
    assert "Value 'Later' at 'invocationType'" in cause


def test_two_qualifiers_must_be_the_same():
    same: Json = {"FunctionName": "f:live", "Qualifier": "live"}
    assert invocation(INVOKE, same).reference == "f:live"
    error, cause = error_of({"FunctionName": "f:live", "Qualifier": "2"})
    assert error == "Lambda.InvalidParameterValueException"
    assert cause.startswith("The derived qualifier")


def test_other_services_invoke_no_function():
    with pytest.raises(ExecutionError, match="invokes no function"):
        invocation(parse_resource("arn:aws:states:::sqs:sendMessage"), {})


def test_the_result_of_lambda_invoke_has_the_shape_of_step_functions():
    result = invoke_result({"n": 1}, request_id="r-1")
    headers = {
        "Content-Length": "7",
        "Content-Type": "application/json",
        "x-amzn-RequestId": "r-1",
        "X-Amz-Executed-Version": "$LATEST",
    }
    assert result == {
        "ExecutedVersion": "$LATEST",
        "Payload": {"n": 1},
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": "r-1"},
        "StatusCode": 200,
    }


def test_an_event_invocation_is_accepted_without_a_result():
    result = invoke_result(None, request_id="r-1", invocation_type=InvocationType.EVENT)
    assert (result["StatusCode"], result["Payload"]) == (202, "")
    assert "ExecutedVersion" not in result


def test_an_unknown_function_is_an_error_that_a_state_machine_knows():
    error = not_found_error("count", request_id="r-1")
    assert error.error == "Lambda.ResourceNotFoundException"
    assert error.cause == (
        "Function not found: count (Service: Lambda, Status Code: 404, Request ID: r-1)"
    )


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ({"a": 1}, ([], {"a": 1})),
        ([1, 2], ([1, 2], {})),
        ("x", (["x"], {})),
        (None, ([None], {})),
    ],
)
def test_an_event_becomes_the_arguments_of_a_celery_task(event: Json, arguments: tuple[Json, Json]):
    assert celery_arguments(event) == arguments
