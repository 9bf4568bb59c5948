"""Calling the function of a Task state from this process, or saying why it cannot be called."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from pipeline.engine.engine import Engine
from pipeline.engine.nested_call import Caller, NestedCall
from pipeline.executor.calls.finding_functions import find_function
from pipeline.integrations.arns import Arn
from pipeline.integrations.functions.calling import CalledHere, call
from pipeline.integrations.functions.celery_arguments import celery_arguments
from pipeline.integrations.functions.function import (
    CeleryFunction,
    Function,
    LambdaFunction,
    ServiceAction,
    StoredFunction,
)
from pipeline.integrations.functions.function_error import not_found_error
from pipeline.integrations.functions.function_reference import LATEST
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.integrations.functions.lambda_context import LambdaContext, lambda_context
from pipeline.integrations.functions.lambda_invoke import (
    InvocationType,
    LambdaInvocation,
    invocation,
    invoke_result,
)
from pipeline.integrations.functions.lambda_log import CallLog
from pipeline.integrations.services.put_events import entries_of, reject_failed_entries
from pipeline.integrations.services.run_task import reject_failures
from pipeline.interpreter.frame import Frame, Invocation
from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded
from pipeline.language.resource import Pattern, Resource, parse_resource
from pipeline.ledger import frames
from pipeline.ledger.rows import FrameRow

PUT_EVENTS = "events:putEvents"
RUN_TASK = "ecs:runTask"
START_EXECUTION = "states:startExecution"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A scheduled invocation with the function that it means.

    Attributes:
        nested: What it starts, if it starts an execution.
        role_arn: The role whose credentials a service's action is called with, or None.
        reject: Raises an ExecutionError for a service's result that is a failure.
    """

    function: Function
    invocation: LambdaInvocation
    nested: NestedCall | None = None
    role_arn: str | None = None
    reject: Callable[[Json], None] | None = None

    @property
    def is_waited_for(self) -> bool:
        """Whether the state wants the function's result."""
        return self.invocation.invocation_type is InvocationType.REQUEST_RESPONSE

    @property
    def foreign_arguments(self) -> tuple[list[Json], JsonObject]:
        """Positional and keyword arguments, when another application's task is called."""
        return celery_arguments(self.invocation.event)


def plan(engine: Engine, scheduled: Invocation, execution: ExecutionContext) -> PlannedCall:
    """Find out what a scheduled invocation of an execution calls.

    Raises:
        ExecutionError: It names no function that is known, or its arguments are wrong.
    """
    resource = parse_resource(scheduled.resource)
    if action := _service_action(engine, resource):
        planned = _plan_action(action, resource, scheduled.arguments, execution)
        return replace(planned, role_arn=scheduled.role_arn)
    invoked = invocation(resource, scheduled.arguments)
    own = Arn.parse(execution.execution_arn)
    try:
        function = find_function(
            engine, invoked.reference, account_id=own.account_id, region=own.region
        )
    except FunctionNotFound as error:
        raise not_found_error(invoked.reference, request_id=str(uuid4())) from error
    if isinstance(function, StoredFunction):
        # The worker that looks it up again knows neither the execution nor its account.
        invoked = replace(invoked, reference=function.invoked_arn(invoked.reference))
    if isinstance(function, LambdaFunction):
        function = replace(function, role_arn=scheduled.role_arn)
    return PlannedCall(function=function, invocation=invoked)


def planned_or_failed(
    engine: Engine, frame: Frame, execution: ExecutionContext
) -> PlannedCall | FunctionFailed:
    """Plan the call that a frame has scheduled, or say how its state fails instead."""
    assert frame.invocation is not None  # noqa: S101 - what INVOKING means
    try:
        return plan(engine, frame.invocation, execution)
    except ExecutionError as error:
        return FunctionFailed(error=error.error, cause=error.cause, started_at=None)


def _service_action(engine: Engine, resource: Resource) -> ServiceAction | None:
    if resource.is_sdk:
        queue = engine.settings.default_queue
        return ServiceAction(service=resource.service, action=resource.action, queue=queue)
    return engine.functions.service_actions.get(f"{resource.service}:{resource.action}")


def _plan_action(
    action: ServiceAction, resource: Resource, arguments: Json, execution: ExecutionContext
) -> PlannedCall:
    if action.name == PUT_EVENTS:
        arguments = entries_of(arguments, execution)
    invoked = LambdaInvocation(reference=action.name, event=arguments)
    if action.name != START_EXECUTION:
        return PlannedCall(
            function=action, invocation=invoked, reject=_rejection_of(action, resource)
        )
    nested = NestedCall(
        arguments=arguments,
        execution_arn=execution.execution_arn,
        is_awaited=resource.is_sync,
    )
    return PlannedCall(function=action, invocation=invoked, nested=nested)


def _rejection_of(action: ServiceAction, resource: Resource) -> Callable[[Json], None] | None:
    if action.name == PUT_EVENTS:
        return reject_failed_entries
    waits = resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN
    return reject_failures if action.name == RUN_TASK and waits else None


def result_of(planned: PlannedCall, payload: Json) -> Json:
    """What the Task state gets when its function returned ``payload``."""
    if not planned.invocation.wrapped:
        return payload
    function = planned.function
    return invoke_result(
        payload,
        request_id=str(uuid4()),
        invocation_type=planned.invocation.invocation_type,
        version=function.version if isinstance(function, StoredFunction) else LATEST,
    )


def make_call(
    engine: Engine, planned: PlannedCall, frame: Frame, row: FrameRow | None = None
) -> FunctionSucceeded | FunctionFailed:
    """Call a function here and now; its result or error becomes an event.

    Args:
        row: The frame's row; None for a frame that the ledger does not know.
    """
    started_at = engine.clock()
    try:
        if planned.nested:
            payload: Json = engine.start_nested(engine, planned.nested, _caller(frame, row))
        else:
            payload = call_here(engine, planned, frame.wake_at)
    except ExecutionError as error:
        log.info("%s failed: %s", planned.function.name, error.error)
        return FunctionFailed(error=error.error, cause=error.cause, started_at=started_at)
    return FunctionSucceeded(output=result_of(planned, payload), started_at=started_at)


def _caller(frame: Frame, row: FrameRow | None) -> Caller | None:
    if row is None:
        return None
    call = f"{row.redrive_count}.{frame.calls}"
    return Caller(frame_id=row.id, version=row.version, call=call)


def with_heartbeats(engine: Engine, row: FrameRow, frame: Frame) -> Frame:
    """A frame after its call, with the heartbeats that its task token has got meanwhile.

    They leave the version as it is, so that the caller can still commit the result.
    """
    if frame.heartbeat_seconds is None:
        return frame
    with engine.database.reading() as connection:
        latest = frames.find_frame(connection, row.id)
    return engine.frame(latest) if latest and latest.version == row.version else frame


def call_here(engine: Engine, planned: PlannedCall, deadline: float | None) -> Json:
    """Call a function, but another application's, or an AWS service, and return its payload.

    Raises:
        ExecutionError: It failed.
    """
    if isinstance(planned.function, CeleryFunction):
        raise TypeError(f"{planned.function.name} is called by publishing its task")
    if isinstance(planned.function, ServiceAction):
        return _call_action(engine, planned.function, planned)
    context = lambda_context(
        planned.invocation.reference,
        request_id=str(uuid4()),
        deadline=deadline,
        region=engine.settings.region,
        account_id=engine.settings.account_id,
        clock=engine.clock,
    )
    return call_in_context(engine, planned.function, planned.invocation.event, context)


def call_in_context(
    engine: Engine,
    function: CalledHere | StoredFunction,
    event: Json,
    context: LambdaContext,
    log_of_call: CallLog | None = None,
) -> Json:
    """Call a function and return its payload.

    Args:
        log_of_call: Gets what a stored function writes.

    Raises:
        ExecutionError: It failed.
    """
    if isinstance(function, StoredFunction):
        written = log_of_call or CallLog(function.name, context.aws_request_id, function.version)
        return engine.functions.sandboxes.call(function, event, context, written)
    return call(function, event, context)


def _call_action(engine: Engine, action: ServiceAction, planned: PlannedCall) -> Json:
    result = engine.services.call(
        action.service, action.action, planned.invocation.event, planned.role_arn
    )
    if planned.reject is not None:
        planned.reject(result)
    return result


def call_without_waiting(
    engine: Engine, execution_id: str, planned: PlannedCall
) -> FunctionSucceeded:
    """Invoke a function as ``Event`` (it is called some time later) or ``DryRun`` (it is not)."""
    if planned.invocation.invocation_type is InvocationType.EVENT:
        event = engine.payloads.pack(execution_id, planned.invocation.event)
        engine.canvas.call_later(
            planned.function, planned.invocation.reference, event, planned.foreign_arguments
        ).apply_async()
    return FunctionSucceeded(output=result_of(planned, None), started_at=engine.clock())


def call_later(engine: Engine, reference: str, event: bytes) -> None:
    """Call a function without a waiting state.

    Args:
        reference: The function as the state machine named it.
        event: The packed event.

    Raises:
        ExecutionError: It failed; no state waits, so the caller logs it.
    """
    invoked = LambdaInvocation(reference=reference, event=engine.payloads.unpack(event))
    settings = engine.settings
    function = find_function(
        engine, reference, account_id=settings.account_id, region=settings.region
    )
    call_here(engine, PlannedCall(function=function, invocation=invoked), None)
