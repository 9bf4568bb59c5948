"""The function, event and result of a Task state that invokes Lambda.

AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions": a bare
function ARN, whose event is the effective input, or ``arn:aws:states:::lambda:invoke``, whose
Parameters are those of Lambda's Invoke.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.integrations.functions.function_reference import LATEST, parse_function_reference
from pipeline.integrations.services.sdk_metadata import sdk_metadata
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dumps, loads, size_in_bytes
from pipeline.language.resource import Resource


class InvocationType(StrEnum):
    """InvocationType of Lambda's Invoke."""

    REQUEST_RESPONSE = "RequestResponse"
    """Call and wait for the result."""
    EVENT = "Event"
    """Call later; the Task state ends at once."""
    DRY_RUN = "DryRun"
    """Do not call."""


STATUS_CODES: Mapping[InvocationType, int] = {
    InvocationType.REQUEST_RESPONSE: 200,
    InvocationType.EVENT: 202,
    InvocationType.DRY_RUN: 204,
}

PARAMETERS: Mapping[str, type | None] = {
    "FunctionName": str,
    "Payload": None,
    "InvocationType": str,
    "Qualifier": str,
    "ClientContext": str,
    "LogType": str,
}
"""Parameters of lambda:invoke and the type of each; None takes any JSON value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaInvocation:
    """A call that a Task state asks for.

    Attributes:
        reference: The function, as ``Functions.find`` takes it.
        event: The event for its handler.
        invocation_type: Whether the state waits for the result.
        wrapped: Whether the state's result is the function's result within ``invoke_result``.
    """

    reference: str
    event: Json
    invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE
    wrapped: bool = False


def invocation(resource: Resource, arguments: Json) -> LambdaInvocation:
    """The call that a resource and its effective arguments ask for.

    Raises:
        ExecutionError: The arguments are not those of Lambda's Invoke, or the resource is
            another service's.
    """
    if resource.is_bare_function:
        return LambdaInvocation(reference=resource.arn, event=arguments)
    if (resource.service, resource.action) != ("lambda", "invoke"):
        raise ExecutionError(RUNTIME, f"The resource '{resource.arn}' invokes no function")
    parameters = _checked(arguments)
    return LambdaInvocation(
        reference=_reference(parameters),
        event=_event(parameters.get("Payload")),
        invocation_type=_invocation_type(parameters),
        wrapped=True,
    )


def _event(payload: Json) -> Json:
    """The event of a Payload: an empty object for null; a text holds the event as JSON.

    A text that is not JSON becomes the event itself; Lambda would reject it.
    """
    if payload is None:
        return {}
    if isinstance(payload, str):
        try:
            return loads(payload)
        except ValueError:
            return payload
    return payload


def _checked(arguments: Json) -> JsonObject:
    """The arguments, checked to be an object of Invoke's parameters."""
    given = arguments if isinstance(arguments, dict) else {}
    # For the Java SDK a null is a missing field; but a payload of null is a payload.
    parameters: JsonObject = {
        name: value for name, value in given.items() if value is not None or name == "Payload"
    }
    wrong = [
        f'The field "{name}" is not supported by Step Functions'
        for name in parameters
        if name not in PARAMETERS
    ]
    if "FunctionName" not in parameters:
        wrong.append('The field "FunctionName" is required but was missing')
    for name, expected in PARAMETERS.items():
        if expected is not None and not isinstance(parameters.get(name, ""), expected):
            wrong.append(f'The value for the field "{name}" must be a STRING')
    if wrong:
        raise ExecutionError(
            RUNTIME,
            f"The Parameters '{dumps(arguments)}' could not be used to start the Task: "
            f"[{', '.join(wrong)}]",
        )
    return parameters


def _reference(parameters: JsonObject) -> str:
    """FunctionName with the Qualifier, which must not contradict each other."""
    name, qualifier = str(parameters["FunctionName"]), parameters.get("Qualifier")
    if qualifier is None:
        return name
    parsed = parse_function_reference(name)
    if parsed is None or parsed.qualifier is None:
        return f"{name}:{qualifier}"
    if parsed.qualifier != qualifier:
        raise ExecutionError(
            "Lambda.InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )
    return name


def _invocation_type(parameters: JsonObject) -> InvocationType:
    value = parameters.get("InvocationType", InvocationType.REQUEST_RESPONSE)
    try:
        return InvocationType(str(value))
    except ValueError as error:
        raise ExecutionError(
            "Lambda.InvalidParameterValueException",
            f"1 validation error detected: Value '{value}' at 'invocationType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
        ) from error


def invoke_result(
    payload: Json,
    *,
    request_id: str,
    invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE,
    version: str = LATEST,
) -> JsonObject:
    """The result of lambda:invoke in the form that ResultSelector gets.

    Args:
        payload: The function's result; ignored if the call does not wait for it.
        request_id: Identifier of the call.
        invocation_type: How the function was invoked.
        version: The version that was called.
    """
    waited = invocation_type is InvocationType.REQUEST_RESPONSE
    headers = {
        "Content-Length": str(size_in_bytes(payload) if waited else 0),
        "Content-Type": "application/json",
    }
    if waited:
        headers["X-Amz-Executed-Version"] = version
    result: JsonObject = {
        "Payload": payload if waited else "",
        **sdk_metadata(request_id, STATUS_CODES[invocation_type], headers),
        "StatusCode": STATUS_CODES[invocation_type],
    }
    return {"ExecutedVersion": version, **result} if waited else result
