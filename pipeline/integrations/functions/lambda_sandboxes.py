"""The sandboxes of one process: kept warm for the next call, and bounded in number."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.integrations.functions.function import StoredFunction
from pipeline.integrations.functions.function_error import function_error, sandbox_error
from pipeline.integrations.functions.lambda_code import FunctionCode
from pipeline.integrations.functions.lambda_context import LambdaContext
from pipeline.integrations.functions.lambda_log import CallLog
from pipeline.integrations.functions.lambda_sandbox import (
    IDLE_SECONDS,
    ResultTooLarge,
    Sandbox,
    SandboxExited,
    SandboxTimedOut,
)
from pipeline.language.errors import TIMEOUT, ExecutionError
from pipeline.language.json_value import Json, JsonObject, dump_bytes, dumps
from pipeline.payloads.object_store import ObjectStoreError

_SHORTER = 10.0
"""An idle sandbox that would end within so many seconds gets no more calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Idle:
    sandbox: Sandbox
    since: float


class Sandboxes:
    """Calls stored functions, each in a sandbox of its own."""

    def __init__(self, code: FunctionCode, limit: int) -> None:
        """Start no process yet.

        Args:
            code: The functions' code.
            limit: The maximum number of sandboxes; further calls wait for a free one.
        """
        self._code = code
        self._limit = limit
        self._count = 0
        self._idle: deque[_Idle] = deque()
        self._changed = threading.Condition()

    def call(
        self, function: StoredFunction, event: Json, context: LambdaContext, log: CallLog
    ) -> Json:
        """Call a function and return its result.

        Raises:
            ExecutionError: It failed; error and cause are what Step Functions shows for a Lambda.
        """
        started = time.monotonic()
        try:
            with self._sandbox(function, context, log) as sandbox:
                answer = _call(sandbox, event, context, log)
        finally:
            log.end(time.monotonic() - started, function.memory_mb)
        return _result(answer, context)

    def close(self) -> None:
        """End the idle sandboxes. To be called after the last call."""
        with self._changed:
            while self._idle:
                self._end(self._idle.popleft().sandbox)

    @contextmanager
    def _sandbox(
        self, function: StoredFunction, context: LambdaContext, log: CallLog
    ) -> Iterator[Sandbox]:
        """A sandbox whose handler is imported.

        After the block it is idle, or closed if it failed.
        """
        sandbox = self._take(function, context) or self._start(function, context, log)
        try:
            yield sandbox
        except BaseException:
            with self._changed:
                self._end(sandbox)
            raise
        with self._changed:
            self._idle.append(_Idle(sandbox=sandbox, since=time.monotonic()))
            self._changed.notify()

    def _take(self, function: StoredFunction, context: LambdaContext) -> Sandbox | None:
        """An idle sandbox of a function; None if the caller may start one."""
        with self._changed:
            while True:
                self._end_old_ones()
                for idle in reversed(self._idle):  # the most recently used first
                    if idle.sandbox.function == function:
                        self._idle.remove(idle)
                        return idle.sandbox
                if self._count >= self._limit and self._idle:
                    self._end(self._idle.popleft().sandbox)
                if self._count < self._limit:
                    self._count += 1
                    return None
                if not self._changed.wait(context.get_remaining_time_in_millis() / 1000):
                    raise _throttled(context)

    def _start(self, function: StoredFunction, context: LambdaContext, log: CallLog) -> Sandbox:
        try:
            sandbox = self._open(function)
        except BaseException:
            self._forget()
            raise
        try:
            with _as_function_errors(context, function.timeout_seconds):
                _result(sandbox.initialize(log), context)
        except BaseException:
            with self._changed:
                self._end(sandbox)
            raise
        return sandbox

    def _open(self, function: StoredFunction) -> Sandbox:
        try:
            return Sandbox(function, self._code.unpacked(function.code_sha256))
        except (ObjectStoreError, OSError) as error:
            raise ExecutionError("Lambda.ServiceException", str(error)) from error

    def _end_old_ones(self) -> None:
        """Close the sandboxes that were idle for long or have ended by themselves."""
        oldest = time.monotonic() - (IDLE_SECONDS - _SHORTER)
        for idle in list(self._idle):
            if idle.since < oldest or idle.sandbox.has_ended:
                self._idle.remove(idle)
                self._end(idle.sandbox)

    def _end(self, sandbox: Sandbox) -> None:
        sandbox.close()
        self._forget()

    def _forget(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify()


def _call(sandbox: Sandbox, event: Json, context: LambdaContext, log: CallLog) -> JsonObject:
    own = sandbox.function.timeout_seconds
    seconds = min(own, context.get_remaining_time_in_millis() / 1000)
    attributes = _attributes(sandbox.function, context)
    with _as_function_errors(context, own if seconds == own else None):
        return sandbox.call(dump_bytes(event), attributes, seconds, log)


def _attributes(function: StoredFunction, context: LambdaContext) -> JsonObject:
    """The attributes of the context object, without the remaining time."""
    return {
        "function_name": function.name,
        "function_version": function.version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": str(function.memory_mb),
        "aws_request_id": context.aws_request_id,
        "log_group_name": context.log_group_name,
        "log_stream_name": context.log_stream_name,
    }


@contextmanager
def _as_function_errors(context: LambdaContext, timeout: float | None) -> Iterator[None]:
    """Translate a sandbox's exceptions within the block into Lambda's errors.

    Args:
        context: The context of the call.
        timeout: The function's own timeout in seconds; None if the state's own comes first.
    """
    request_id = context.aws_request_id
    try:
        yield
    except SandboxTimedOut as error:
        if timeout is None:
            raise ExecutionError(TIMEOUT) from error
        message = f"Task timed out after {timeout:.2f} seconds"
        raise sandbox_error("Sandbox.Timedout", message, request_id=request_id) from error
    except SandboxExited as error:
        raise sandbox_error("Runtime.ExitError", str(error), request_id=request_id) from error
    except ResultTooLarge as error:
        error_type = "Function.ResponseSizeTooLarge"
        cause = dumps({"errorType": error_type, "errorMessage": str(error)})
        raise ExecutionError(error_type, cause) from error


def _result(answer: JsonObject, context: LambdaContext) -> Json:
    """The result in a sandbox's answer, or the error.

    Raises:
        ExecutionError: The handler failed or could not be imported.
    """
    match answer:
        case {"errorType": str(error_type), "errorMessage": str(message), "stackTrace": [*trace]}:
            request_id, shown = context.aws_request_id, [str(frame) for frame in trace]
            raise function_error(error_type, message, request_id=request_id, stack_trace=shown)
    return answer["result"]


def _throttled(context: LambdaContext) -> ExecutionError:
    return ExecutionError(
        "Lambda.TooManyRequestsException",
        f"Rate Exceeded. (Service: Lambda, Status Code: 429, Request ID: {context.aws_request_id})",
    )
