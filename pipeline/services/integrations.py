"""Calls of service integrations as Step Functions words their results and errors.

AWS Step Functions Developer Guide, "Integrating services"; request/response pattern.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.language.timestamps import format_timestamp
from pipeline.services.client import Service

ERROR_PREFIXES: Mapping[str, str] = {"dynamodb": "DynamoDB", "events": "EventBridge"}
"""What error names of each service begin with."""


def call_service(service: str, action: str, operations: Service, arguments: Json) -> Json:
    """Call an action of a service and return the Task state's result.

    Raises:
        ExecutionError: The service refused, was not reached, or the parameters are not its own.
    """
    prefix = ERROR_PREFIXES[service]
    try:
        answer = operations[action](**_parameters(arguments))
    except ClientError as error:
        raise _refusal(prefix, error) from error
    except (ParamValidationError, TypeError) as error:
        raise _unusable(arguments, str(error)) from error
    except BotoCoreError as error:
        raise ExecutionError(f"{prefix}.SdkClientException", str(error)) from error
    return _result(answer)


def _parameters(arguments: Json) -> JsonObject:
    if not isinstance(arguments, dict):
        raise _unusable(arguments, "The Parameters must be an object")
    return arguments


def _unusable(arguments: Json, reason: str) -> ExecutionError:
    return ExecutionError(
        RUNTIME,
        f"The Parameters '{dumps(arguments)}' could not be used to start the Task: [{reason}]",
    )


def _refusal(prefix: str, error: ClientError) -> ExecutionError:
    answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
    message = answer.get("Message") or answer["Code"]
    return ExecutionError(
        f"{prefix}.{answer['Code']}",
        f"{message} (Service: {prefix}, Status Code: {metadata['HTTPStatusCode']}, "
        f"Request ID: {metadata.get('RequestId', '')})",
    )


def _result(answer: dict[str, Any]) -> JsonObject:
    fields = dict(answer)
    metadata = fields.pop("ResponseMetadata", {})
    request_id = metadata.get("RequestId") or str(uuid4())
    headers: JsonObject = {"x-amzn-RequestId": request_id, **metadata.get("HTTPHeaders", {})}
    shown: JsonObject = {name: _plain(value) for name, value in fields.items()}
    return shown | {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata.get("HTTPStatusCode", 200),
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _plain(value: Any) -> Json:
    """A part of a boto3 result as JSON: blobs in base64, times as texts."""
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return format_timestamp(value.timestamp())
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")
