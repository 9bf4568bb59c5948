"""Invoking a function for a client that waits: a worker calls it and leaves the answer."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeAlias

from celery.states import PROPAGATE_STATES, READY_STATES

from pipeline.engine.engine import Engine
from pipeline.executor.calls.calling import call_in_context
from pipeline.executor.calls.client_answers import leave_answer, take_answer, when_there
from pipeline.executor.calls.finding_functions import find_own_function
from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.celery_arguments import celery_arguments
from pipeline.integrations.functions.function import (
    MAX_CALL_SECONDS,
    CeleryFunction,
    Function,
    ServiceAction,
    StoredFunction,
)
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.integrations.functions.lambda_context import lambda_context
from pipeline.integrations.functions.lambda_log import CallLog
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json

_GRACE_SECONDS = 60.0
"""How long a call may wait for a worker, beside the time that the function may take."""


class NobodyAnswered(Exception):
    """No worker has given a result in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked:
    """How a call has ended.

    Attributes:
        payload: The function's result, if it has not failed.
        error, cause: What Step Functions would show, or None.
        log: The end of what the function wrote.
    """

    payload: Json = None
    error: str | None = None
    cause: str | None = None
    log: str = ""


_Look: TypeAlias = Callable[[], Invoked | None]
"""Looks whether a call has ended."""


def call_for_client(engine: Engine, reference: str, event: bytes, request_id: str) -> None:
    """Call a function here and now, on a worker, and leave the client what it returned.

    Args:
        engine: The worker's.
        reference: The function's whole ARN.
        event: The packed event.
        request_id: Of the client's request.
    """
    try:
        invoked = _call(engine, reference, engine.payloads.unpack(event), request_id)
    except FunctionNotFound as error:
        invoked = Invoked(error="Lambda.ResourceNotFoundException", cause=str(error))
    except Exception as error:
        # Broad: without an answer the client would wait until its time-out.
        _leave(engine, request_id, Invoked(error="Lambda.ServiceException", cause=str(error)))
        raise
    _leave(engine, request_id, invoked)


def _call(engine: Engine, reference: str, event: Json, request_id: str) -> Invoked:
    arn = Arn.parse(reference)
    function = find_own_function(engine, reference, account_id=arn.account_id, region=arn.region)
    if isinstance(function, CeleryFunction | ServiceAction):
        raise TypeError(f"{function.name} is not called here")
    version = function.version if isinstance(function, StoredFunction) else ""
    log = CallLog(function.name, request_id, version)
    context = lambda_context(
        reference,
        request_id=request_id,
        deadline=None,
        region=arn.region,
        account_id=arn.account_id,
    )
    try:
        payload = call_in_context(engine, function, event, context, log)
    except ExecutionError as error:
        return Invoked(error=error.error, cause=error.cause, log=log.text)
    return Invoked(payload=payload, log=log.text)


def _leave(engine: Engine, request_id: str, invoked: Invoked) -> None:
    leave_answer(engine, request_id, asdict(invoked))


async def invoke(
    engine: Engine, function: Function, reference: str, event: Json, request_id: str
) -> Invoked:
    """Have a worker call a function, and wait for what it returns.

    Args:
        engine: Of the process that waits.
        function: The function.
        reference: Its whole ARN, with the requested qualifier.
        event: What its handler gets.
        request_id: Of the client's request.

    Raises:
        NobodyAnswered: No worker has given a result in time.
    """
    look = await asyncio.to_thread(_publish, engine, function, reference, event, request_id)
    own = function.timeout_seconds if isinstance(function, StoredFunction) else MAX_CALL_SECONDS
    try:
        async with asyncio.timeout(own + _GRACE_SECONDS):
            return await when_there(look)
    except TimeoutError as error:
        raise NobodyAnswered from error


def _publish(
    engine: Engine, function: Function, reference: str, event: Json, request_id: str
) -> _Look:
    packed = engine.payloads.pack(request_id, event)
    arguments = celery_arguments(event)
    message = engine.canvas.invoke(function, reference, packed, request_id, arguments)
    result = message.apply_async()
    if isinstance(function, CeleryFunction):
        return partial(_look_at_result, result)
    return partial(_look_for_answer, engine, request_id)


def _look_for_answer(engine: Engine, request_id: str) -> Invoked | None:
    answer: Any = take_answer(engine, request_id)
    return None if answer is None else Invoked(**answer)


def _look_at_result(result: Any) -> Invoked | None:
    """How the task of another application has ended."""
    meta = result.backend.get_task_meta(result.id)
    if meta["status"] not in READY_STATES:
        return None
    result.forget()
    if meta["status"] in PROPAGATE_STATES:
        exception = meta["result"]
        return Invoked(error=type(exception).__name__, cause=str(exception))
    return Invoked(payload=meta["result"])


def invoke_later(
    engine: Engine, function: Function, reference: str, event: Json, request_id: str
) -> None:
    """Have a worker call a function without waiting for its result; arguments as for ``invoke``."""
    packed = engine.payloads.pack(request_id, event)
    engine.canvas.call_later(function, reference, packed, celery_arguments(event)).apply_async()
