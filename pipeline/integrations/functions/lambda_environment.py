"""The environment variables of a function's own process.

AWS Lambda Developer Guide, "Using Lambda environment variables". Of the worker's own environment it
passes on only the addresses of AWS's services: no setting, no password, no key.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.function import StoredFunction
from pipeline.integrations.functions.lambda_context import log_stream_name

CREDENTIALS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
"""Reserved at AWS, where the function's role supplies them. Here a configuration may set them."""

RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
"""Variables that a function's configuration cannot set."""

_ENDPOINTS = "AWS_ENDPOINT_URL"
_PASSED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
"""An interpreter needs these to start and to find its temporary directory."""


def sandbox_environment(function: StoredFunction, code: Path) -> Mapping[str, str]:
    """The variables of a process that runs a function.

    Args:
        function: The function.
        code: The directory of its code.
    """
    worker = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_ENDPOINTS)
    }
    return {**worker, **_ISOLATION, **dict(function.environment), **_of_the_runtime(function, code)}


_ISOLATION: Mapping[str, str] = {
    # Without these, boto3 would find the worker's own credentials on its disk or from its host.
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "HOME": "/tmp",  # noqa: S108 - the only writable directory in Lambda
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PYTHONUTF8": "1",
    "PYTHONUNBUFFERED": "1",
}


def _of_the_runtime(function: StoredFunction, code: Path) -> dict[str, str]:
    region = Arn.parse(function.arn).region
    return {
        "_HANDLER": function.handler,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream_name(),
        "LAMBDA_TASK_ROOT": str(code),
        "LAMBDA_RUNTIME_DIR": sys.prefix,
    }
