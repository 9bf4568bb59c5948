"""Parameters and results of every operation of some services, there and back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from pipeline.integrations.services.parameters import to_parameters
from pipeline.integrations.services.results import to_result
from pipeline.integrations.services.service_actions import ActionModel, find_action, sdk_service
from pipeline.integrations.services.service_names import action_name
from pipeline.language.errors import ExecutionError

SERVICES = ("s3", "dynamodb", "sqs", "batch", "ecs", "rds", "sfn", "secretsmanager", "kms")
DEPTH = 4
SCALARS: dict[str, Any] = {
    "string": "text of some length, long enough for every identifier",
    "integer": 5,
    "long": 5,
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "timestamp": "2024-05-06T07:08:09Z",
    "blob": "aGVsbG8=",
}
ACTIONS = [
    (service, action_name(name))
    for service in SERVICES
    for name in sdk_service(service).operation_names
    if not sdk_service(service).operation_model(name).has_event_stream_output
]


def sample(shape: Any, spell: Any, depth: int = 0) -> Any:
    """A value of a shape with all its fields, as a state machine writes it."""
    match shape.type_name:
        case "structure":
            members = shape.members.items() if depth < DEPTH else ()
            required = [(name, shape.members[name]) for name in shape.required_members]
            if shape.metadata.get("union"):
                members = list(shape.members.items())[:1]
            return {spell(name): sample(of, spell, depth + 1) for name, of in members or required}
        case "list":
            return [sample(shape.member, spell, depth + 1)] if depth < DEPTH else []
        case "map":
            return {"Some key": sample(shape.value, spell, depth + 1)} if depth < DEPTH else {}
    return SCALARS[shape.type_name]


def length_blind(report: Any) -> list[str]:
    return [
        error for error in report._errors if error[0] not in {"invalid length", "invalid range"}
    ]


@given(action=st.sampled_from(ACTIONS))
def test_all_fields_of_an_operation_are_understood(action: tuple[str, str]) -> None:
    model = find_action(f"aws-sdk:{action[0]}", action[1])
    shape = model.operation.input_shape
    if shape is None:
        return
    parameters = to_parameters(sample(shape, model.field_name), model)
    assert parameters.keys() == shape.members.keys()
    assert length_blind(ParamValidator().validate(parameters, shape)) == []


@given(action=st.sampled_from(ACTIONS))
def test_all_fields_of_a_result_come_back_as_json(action: tuple[str, str]) -> None:
    model = find_action(f"aws-sdk:{action[0]}", action[1])
    shape = model.operation.output_shape
    if shape is None:
        return
    answer = to_answer(sample(shape, lambda name: name), shape, shape.serialization.get("payload"))
    result = to_result(answer, model, strict_limits=True)
    assert result == expected(sample(shape, model.field_name), shape, model)


def to_answer(value: Any, shape: Any, payload: str | None = None) -> Any:
    """A sample as a client would return it."""
    match shape.type_name, value:
        case "structure", dict():
            return {name: to_answer(part, shape.members[name]) for name, part in value.items()}
        case "list", list():
            return [to_answer(part, shape.member) for part in value]
        case "map", dict():
            return {name: to_answer(part, shape.value) for name, part in value.items()}
        case "blob", _:
            return b"hello"
        case "timestamp", _:
            return datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    return value


def expected(fields: dict[str, Any], shape: Any, model: ActionModel) -> dict[str, Any]:
    """What a state gets: a blob that is the whole body is text."""
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        return {**fields, model.field_name(payload): "hello"}
    return fields


def test_two_spellings_of_a_field_are_never_the_same() -> None:
    for service, action in ACTIONS:
        model = find_action(f"aws-sdk:{service}", action)
        if model.operation.input_shape is not None:
            members = model.operation.input_shape.members
            assert len({model.field_name(name) for name in members}) == len(members)


S3_PUT = find_action("aws-sdk:s3", "putObject")
WHERE = {"Bucket": "b", "Key": "k"}


@pytest.mark.parametrize(
    ("body", "stored"),
    [("text", b"text"), ({"a": [1]}, b'{"a":[1]}'), (5, b"5"), (True, b"true")],
)
def test_a_body_is_a_text_or_any_json(body: Any, stored: bytes) -> None:
    assert to_parameters({**WHERE, "Body": body}, S3_PUT) == {**WHERE, "Body": stored}


def test_a_null_is_a_field_that_is_not_there() -> None:
    assert to_parameters({**WHERE, "ContentType": None}, S3_PUT) == WHERE


def test_a_message_may_be_any_json_where_the_integration_is_optimised() -> None:
    message = {"QueueUrl": "q", "MessageBody": {"a": 1}}
    optimised = to_parameters(message, find_action("sqs", "sendMessage"))
    assert optimised == {"QueueUrl": "q", "MessageBody": '{"a":1}'}
    with pytest.raises(ExecutionError, match=r"MessageBody.* must be a STRING"):
        to_parameters(message, find_action("aws-sdk:sqs", "sendMessage"))


@pytest.mark.parametrize("action", ["startExecution", "startSyncExecution"])
def test_the_input_of_an_execution_may_be_any_json(action: str) -> None:
    given = {"StateMachineArn": "a", "Input": {"a": 1}}
    told = to_parameters(given, find_action("aws-sdk:sfn", action))
    assert told == {"stateMachineArn": "a", "input": '{"a":1}'}


@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [
        ("dynamodb:getItem", {"Key": {"k": {"N": 5}}}, '"N" must be a STRING'),
        ("dynamodb:getItem", {"Key": {"k": {"S": True}}}, '"S" must be a STRING'),
        ("dynamodb:getItem", {"Key": "k"}, '"Key" must be an OBJECT'),
        ("dynamodb:getItem", {"Key": {"k": "v"}}, '"Key" must be an OBJECT'),
        ("dynamodb:getItem", {"AttributesToGet": "a"}, '"AttributesToGet" must be an ARRAY'),
        ("dynamodb:getItem", {"ConsistentRead": "true"}, '"ConsistentRead" must be a BOOLEAN'),
        ("sqs:sendMessage", {"DelaySeconds": True}, '"DelaySeconds" must be a NUMBER'),
        ("sqs:sendMessage", {"DelaySeconds": 1.5}, '"DelaySeconds" must be a NUMBER'),
    ],
)
def test_a_value_of_another_type_is_refused_in_the_words_of_aws(
    action: str, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ExecutionError) as caught:
        to_parameters(arguments, find_action(*action.split(":")))
    assert caught.value.cause.endswith(f"[The value for the field {reason}]")


def test_a_whole_number_may_be_written_with_a_fraction() -> None:
    told = to_parameters({"DelaySeconds": 5.0}, find_action("sqs", "sendMessage"))
    assert (told, type(told["DelaySeconds"])) == ({"DelaySeconds": 5}, int)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({**WHERE, "Boddy": 1}, 'The field "Boddy" is not supported by Step Functions'),
        ({**WHERE, "bucket": "b"}, 'The field "bucket" is not supported by Step Functions'),
        ([1], "The Parameters must be an object"),
    ],
)
def test_what_is_no_parameter_is_named(arguments: Any, reason: str) -> None:
    with pytest.raises(ExecutionError) as caught:
        to_parameters(arguments, S3_PUT)
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause.endswith(f"could not be used to start the Task: [{reason}]")


def test_a_blob_that_is_not_in_base64_is_refused() -> None:
    encrypt = find_action("aws-sdk:kms", "encrypt")
    with pytest.raises(ExecutionError, match="must be in base64"):
        to_parameters({"KeyId": "k", "Plaintext": "no base64!"}, encrypt)
    assert to_parameters({"KeyId": "k", "Plaintext": "aGVsbG8="}, encrypt)["Plaintext"] == b"hello"
