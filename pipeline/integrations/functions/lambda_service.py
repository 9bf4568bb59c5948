"""Functions of AWS Lambda, or of a service that speaks its protocol, invoked by boto3."""

import os
from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.function import MAX_CALL_SECONDS, LambdaFunction
from pipeline.integrations.functions.function_error import reported_error, unknown_error
from pipeline.integrations.functions.function_reference import LATEST, parse_function_reference
from pipeline.integrations.functions.lambda_context import LambdaContext
from pipeline.integrations.services.sessions import session_of
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, dump_bytes, loads

ENDPOINT = "AWS_ENDPOINT_URL_LAMBDA"
"""The variable by which boto3 uses another server than AWS's Lambda."""

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=MAX_CALL_SECONDS + 10,
    # Retries are left to the state's Retry, because a failed request may have called the function.
    retries={"total_max_attempts": 1},
    tcp_keepalive=True,
    max_pool_connections=32,
)
_SHOWN_PAYLOAD = 1000  # characters of a payload that is not JSON which the cause quotes


def invoke_lambda(function: LambdaFunction, event: Json, context: LambdaContext) -> Json:
    """Invoke a function and return its result; null for an empty one.

    Raises:
        ExecutionError: It failed, or Lambda did not invoke it.
    """
    reference = parse_function_reference(function.reference)
    if reference is None:
        raise ValueError(f"'{function.reference}' is not the name or ARN of a function")
    asked = context.function_version if context.function_version != LATEST else None
    qualifier = asked or reference.qualifier
    arguments = {"FunctionName": reference.unqualified, "Payload": dump_bytes(event)}
    if qualifier is not None:
        arguments["Qualifier"] = qualifier
    own_region = Arn.parse(context.invoked_function_arn).region
    session_key = os.getpid(), function.role_arn, own_region
    client = _client(*session_key, reference.region, os.environ.get(ENDPOINT))
    try:
        answer = client.invoke(**arguments)
        text = answer["Payload"].read().decode()
    except ClientError as error:
        raise _error_answered(client, error) from error
    except (BotoCoreError, UnicodeDecodeError) as error:
        raise ExecutionError("Lambda.SdkClientException", str(error)) from error
    return _result(text, failed="FunctionError" in answer)


@lru_cache(maxsize=16)
def _client(
    _process: int, role_arn: str | None, own_region: str, region: str | None, _endpoint: str | None
) -> Any:
    """One client for each process, role, region and endpoint.

    Without a region in the reference, the environment's region counts, then the function's own.
    """
    session = session_of(role_arn, own_region)
    return session.client("lambda", region_name=region, config=_CONFIG)


def _error_answered(client: Any, error: ClientError) -> ExecutionError:
    """The error of a call that Lambda rejected, in Step Functions' words."""
    code = error.response["Error"].get("Code", "")
    metadata = error.response.get("ResponseMetadata", {})
    modelled = client.meta.service_model.operation_model("Invoke").error_shapes
    name = code if code in {shape.name for shape in modelled} else "AWSLambdaException"
    message = error.response["Error"].get("Message", "")
    return ExecutionError(
        f"Lambda.{name}",
        f"{message} (Service: Lambda, Status Code: {metadata.get('HTTPStatusCode')}, "
        f"Request ID: {metadata.get('RequestId')})",
    )


def _result(text: str, *, failed: bool) -> Json:
    try:
        payload = loads(text) if text.strip() else None
    except ValueError as error:
        raise unknown_error(text[:_SHOWN_PAYLOAD]) from error
    if failed:
        raise reported_error(payload, text)
    return payload
