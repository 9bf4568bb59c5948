"""The real work of a state under test: a function that a worker calls, or a service."""

import asyncio
from uuid import uuid4

from pipeline.engine.engine import Engine
from pipeline.executor.calls.calling import (
    PlannedCall,
    call_here,
    call_without_waiting,
    plan,
    result_of,
)
from pipeline.executor.calls.function_invocations import NobodyAnswered, invoke
from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.function import ServiceAction
from pipeline.integrations.services.http_trace import HttpTrace
from pipeline.interpreter.frame import Invocation
from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import TIMEOUT, ExecutionError
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded, Invoke

MAX_TEST_SECONDS = 300.0
"""AWS ends a test after five minutes."""


async def work_of(
    engine: Engine, work: Invoke, execution: ExecutionContext, trace: HttpTrace | None
) -> FunctionSucceeded | FunctionFailed:
    """Do the work within the state's timeout and AWS's limit for a test.

    What takes longer is left to itself.

    Args:
        engine: Calls the function or the service.
        work: The state's request.
        execution: The execution that the state's context object shows.
        trace: Receives the request and response of an HTTP task; None for any other.
    """
    started_at = engine.clock()
    limit = MAX_TEST_SECONDS
    if work.deadline is not None:
        limit = min(limit, work.deadline - started_at)
    try:
        async with asyncio.timeout(limit):
            output = await _output(engine, work, execution, trace)
    except ExecutionError as error:
        return FunctionFailed(error=error.error, cause=error.cause, started_at=started_at)
    except (NobodyAnswered, TimeoutError):
        return FunctionFailed(error=TIMEOUT, cause="", started_at=started_at)
    return FunctionSucceeded(output=output, started_at=started_at)


async def _output(
    engine: Engine, work: Invoke, execution: ExecutionContext, trace: HttpTrace | None
) -> Json:
    """The result of the function or the service, as the state receives it.

    Raises:
        ExecutionError: It failed.
        NobodyAnswered: No worker called the function in time.
    """
    if trace is not None:
        return await asyncio.to_thread(engine.services.http.invoke, work.arguments, trace)
    scheduled = Invocation(
        resource=work.resource.arn, arguments=work.arguments, role_arn=work.role_arn
    )
    planned = await asyncio.to_thread(plan, engine, scheduled, execution)
    if planned.nested is not None:
        return await asyncio.to_thread(engine.start_nested, engine, planned.nested, None)
    if isinstance(planned.function, ServiceAction):
        return await asyncio.to_thread(call_here, engine, planned, work.deadline)
    return result_of(planned, await _payload(engine, planned, execution))


async def _payload(engine: Engine, planned: PlannedCall, execution: ExecutionContext) -> Json:
    requested = planned.invocation
    if not planned.is_waited_for:
        await asyncio.to_thread(call_without_waiting, engine, str(uuid4()), planned)
        return None
    arn = requested.reference
    if not arn.startswith("arn:"):
        own = Arn.parse(execution.execution_arn)
        arn = f"arn:aws:lambda:{own.region}:{own.account_id}:function:{arn}"
    invoked = await invoke(engine, planned.function, arn, requested.event, str(uuid4()))
    if invoked.error is not None:
        raise ExecutionError(invoked.error, invoked.cause or "")
    return invoked.payload
