"""Python functions: calls a handler in this process as Lambda's Python runtime does."""

import decimal
import importlib
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from types import TracebackType
from typing import Any, TypeAlias

from pipeline.integrations.functions.function_error import function_error, sandbox_error
from pipeline.integrations.functions.lambda_context import LambdaContext
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, dump_bytes, loads

Handler: TypeAlias = Callable[[Json, LambdaContext], object]


def call_handler(handler: str, event: Json, context: LambdaContext) -> Json:
    """Call a handler with its own copy of the event.

    Args:
        handler: ``module:function``.
        event: The effective input of the Task state.
        context: The context object of this call.

    Raises:
        ExecutionError: The handler cannot be imported, raised an exception, ended the process, or
            returned something that is not a JSON value.
    """
    function = _imported(handler, context)
    try:
        result = function(loads(dump_bytes(event)), context)
    except SystemExit as ending:
        raise _exit_error(ending, context) from ending
    except Exception as exception:  # every exception of a handler is the error of its Task state
        raise _exception_error(exception, context) from exception
    return _marshalled(result, context)


@cache
def _load(module: str, name: str) -> Handler:
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def _imported(handler: str, context: LambdaContext) -> Handler:
    """The handler's function. Failures have the names and texts of Lambda's runtime."""
    module, _, name = handler.partition(":")
    try:
        return _load(module, name)
    except ImportError as error:
        failure = "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}"
    except SyntaxError as error:
        failure = "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}"
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise _handler_error(*failure, context, trace) from error
    except AttributeError as error:
        if not _is_missing(error, module, name):
            raise _exception_error(error, context) from error
        failure = "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'"
    except SystemExit as ending:
        raise _exit_error(ending, context) from ending
    except Exception as exception:  # a module may raise any exception during its import
        raise _exception_error(exception, context) from exception
    raise _handler_error(*failure, context)


def _is_missing(error: AttributeError, module: str, name: str) -> bool:
    """Whether the handler's own module is missing, not one that it imports."""
    return error.obj is sys.modules.get(module) and error.name == name


def _handler_error(
    error_type: str, message: str, context: LambdaContext, trace: Sequence[str] = ()
) -> ExecutionError:
    request_id = context.aws_request_id
    return function_error(error_type, message, request_id=request_id, stack_trace=trace)


def _exception_error(exception: Exception, context: LambdaContext) -> ExecutionError:
    return function_error(
        type(exception).__name__,
        str(exception),
        request_id=context.aws_request_id,
        stack_trace=_frames_of_the_handler(exception.__traceback__),
    )


def _frames_of_the_handler(trace: TracebackType | None) -> list[str]:
    """The formatted frames from the handler on."""
    frames = traceback.extract_tb(trace)
    own = {__file__, importlib.__file__}
    while frames and (frames[0].filename in own or "importlib._bootstrap" in frames[0].filename):
        del frames[0]
    # Plain tuples, as Lambda's runtime formats them: without the markers below the source line.
    return traceback.format_list([(at.filename, at.lineno or 0, at.name, at.line) for at in frames])


def _exit_error(ending: SystemExit, context: LambdaContext) -> ExecutionError:
    """The error of a handler that exits. In Lambda its process ends, here only the call."""
    if ending.code in (None, 0):
        message = "Runtime exited without providing a reason"
    else:
        status = ending.code if isinstance(ending.code, int) else 1
        message = f"Runtime exited with error: exit status {status}"
    return sandbox_error("Runtime.ExitError", message, request_id=context.aws_request_id)


def _document(text: str) -> Json:
    """Bytes are the response itself: JSON unchanged, any other content as a text."""
    try:
        return loads(text)
    except ValueError:
        return text


def _marshalled(result: object, context: LambdaContext) -> Json:
    """The result as a JSON value that shares no object with the handler."""
    try:
        if isinstance(result, bytes):
            return _document(result.decode())
        return loads(json.dumps(result, default=_encode, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"Unable to marshal response: {error}"
        raise _handler_error("Runtime.MarshalError", message, context) from error


def _encode(value: Any) -> float:
    """Encode a Decimal, which DynamoDB returns, as a number like Lambda's runtime."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
