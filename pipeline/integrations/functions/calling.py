"""Calling a function from this process, for every provider."""

from typing import TypeAlias, assert_never

from pipeline.integrations.functions.function import HttpFunction, LambdaFunction, PythonFunction
from pipeline.integrations.functions.http_endpoint import call_endpoint
from pipeline.integrations.functions.lambda_context import LambdaContext
from pipeline.integrations.functions.lambda_service import invoke_lambda
from pipeline.integrations.functions.python_handler import call_handler
from pipeline.language.json_value import Json

CalledHere: TypeAlias = PythonFunction | HttpFunction | LambdaFunction
"""Functions that the worker itself calls. It publishes a Celery function, and runs a stored one in
a sandbox."""


def call(function: CalledHere, event: Json, context: LambdaContext) -> Json:
    """Call a function and return its result.

    Raises:
        ExecutionError: It failed; error and cause are what Step Functions shows for a Lambda.
    """
    match function:
        case PythonFunction():
            return call_handler(function.handler, event, context)
        case HttpFunction():
            return call_endpoint(function, event, context)
        case LambdaFunction():
            return invoke_lambda(function, event, context)
        case _:
            assert_never(function)
