"""Functions in AWS's shape, FunctionConfiguration."""

import base64
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pipeline.api.call import Call, Output
from pipeline.api.lambda_names import NamedFunction
from pipeline.integrations.functions.function import (
    MAX_CALL_SECONDS,
    CeleryFunction,
    Function,
    HttpFunction,
    LambdaFunction,
    PythonFunction,
)
from pipeline.ledger.stored_functions import LATEST, StoredFunctionRow

_ALWAYS: Output = {
    "PackageType": "Zip",
    "State": "Active",
    "LastUpdateStatus": "Successful",
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
}


def stored_configuration(row: StoredFunctionRow, *, qualified: bool = False) -> Output:
    """A function that a client created over the API.

    Args:
        row: One version of it.
        qualified: Whether its ARN includes the version.
    """
    configuration = dict(row.configuration)
    environment = configuration.pop("Environment")
    return {
        **_ALWAYS,
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{row.name}"},
        **configuration,
        "FunctionName": row.name,
        "FunctionArn": f"{row.arn}:{row.version}" if qualified else row.arn,
        "Environment": {"Variables": environment} if environment else None,
        "VpcConfig": _vpc(configuration.get("VpcConfig", {})),
        "CodeSize": row.code_size,
        "CodeSha256": base64.b64encode(bytes.fromhex(row.code_sha256)).decode(),
        "LastModified": _timestamp(row.modified_at),
        "RevisionId": row.revision_id,
        "Version": row.version,
    }


def listed_configuration(call: Call, function: Function, named: NamedFunction) -> Output:
    """A function of the functions file, which has no code of its own.

    Args:
        call: Whose account and region it is shown in.
        function: The function.
        named: How the call names it.
    """
    modified_at = call.engine.settings.functions_file.stat().st_mtime
    return {
        **_ALWAYS,
        "FunctionName": named.name,
        "FunctionArn": named.qualified_arn,
        "Role": call.engine.settings.role_arn,
        "Timeout": int(MAX_CALL_SECONDS),
        "MemorySize": 128,
        "CodeSize": 0,
        "CodeSha256": "",
        "LastModified": _timestamp(modified_at),
        "RevisionId": str(uuid5(NAMESPACE_URL, f"{named.arn} {function} {modified_at}")),
        "Version": LATEST,
        **_reached(function),
    }


def _reached(function: Function) -> dict[str, Any]:
    """How StateBag calls a function of the functions file, as far as AWS's shape can express it."""
    match function:
        case PythonFunction():
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            handler = function.handler.replace(":", ".")
            return {"Runtime": f"python{version}", "Handler": handler, "Description": ""}
        case CeleryFunction():
            return {"Description": f"The Celery task {function.task}"}
        case HttpFunction():
            return {"Description": f"The HTTP endpoint {function.url}"}
        case LambdaFunction():
            return {"Description": f"The function {function.reference}"}
    raise TypeError(f"{function.name} is not of the functions file")


def _vpc(asked: dict[str, Any]) -> Output:
    return {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", **asked}


def _timestamp(seconds: float) -> str:
    """As Lambda writes it: ``2026-01-31T12:00:00.000+0000``."""
    return (
        datetime.fromtimestamp(seconds, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "+0000")
    )
