"""Calling the function of a Task state from this process, or saying why it cannot be called."""

import logging
from dataclasses import dataclass
from uuid import uuid4

from pipeline.engine import Engine
from pipeline.frame import Frame, Invocation
from pipeline.functions.calling import call
from pipeline.functions.celery_arguments import celery_arguments
from pipeline.functions.function import CeleryFunction, Function, ServiceAction
from pipeline.functions.function_error import not_found_error
from pipeline.functions.functions import FunctionNotFound
from pipeline.functions.lambda_context import lambda_context
from pipeline.functions.lambda_invoke import (
    InvocationType,
    LambdaInvocation,
    invocation,
    invoke_result,
)
from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded
from pipeline.language.resource import parse_resource
from pipeline.ledger import frames
from pipeline.ledger.rows import FrameRow
from pipeline.services.integrations import call_service
from pipeline.services.put_events import entries_of, refuse_failed_entries

PUT_EVENTS = "events:putEvents"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A scheduled invocation with the function that it means."""

    function: Function
    invocation: LambdaInvocation

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
    if action := engine.service_actions.get(f"{resource.service}:{resource.action}"):
        return _plan_action(action, scheduled.arguments, execution)
    wanted = invocation(resource, scheduled.arguments)
    try:
        function = engine.functions.find(wanted.reference)
    except FunctionNotFound as error:
        raise not_found_error(wanted.reference, request_id=str(uuid4())) from error
    return PlannedCall(function=function, invocation=wanted)


def _plan_action(
    action: ServiceAction, arguments: Json, execution: ExecutionContext
) -> PlannedCall:
    if action.name == PUT_EVENTS:
        arguments = entries_of(arguments, execution)
    wanted = LambdaInvocation(reference=action.name, event=arguments)
    return PlannedCall(function=action, invocation=wanted)


def result_of(planned: PlannedCall, payload: Json) -> Json:
    """What the Task state gets when its function returned ``payload``."""
    if not planned.invocation.wrapped:
        return payload
    return invoke_result(
        payload, request_id=str(uuid4()), invocation_type=planned.invocation.invocation_type
    )


def make_call(
    engine: Engine, planned: PlannedCall, frame: Frame
) -> FunctionSucceeded | FunctionFailed:
    """Call a function here and now; whatever it does becomes an event."""
    started_at = engine.clock()
    try:
        payload = call_here(engine, planned, frame.wake_at)
    except ExecutionError as error:
        log.info("%s failed: %s", planned.function.name, error.error)
        return FunctionFailed(error=error.error, cause=error.cause, started_at=started_at)
    return FunctionSucceeded(output=result_of(planned, payload), started_at=started_at)


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
    """Call a python or http function, or an AWS service, and return its payload.

    Raises:
        ExecutionError: It failed.
    """
    if isinstance(planned.function, CeleryFunction):
        raise TypeError(f"{planned.function.name} is called by publishing its task")
    if isinstance(planned.function, ServiceAction):
        return _call_action(engine, planned.function, planned.invocation.event)
    context = lambda_context(
        planned.invocation.reference,
        request_id=str(uuid4()),
        deadline=deadline,
        region=engine.settings.region,
        account_id=engine.settings.account_id,
        clock=engine.clock,
    )
    return call(planned.function, planned.invocation.event, context)


def _call_action(engine: Engine, action: ServiceAction, arguments: Json) -> Json:
    operations = engine.services[action.service]
    result = call_service(action.service, action.action, operations, arguments)
    if action.name == PUT_EVENTS:
        refuse_failed_entries(result)
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
    """Call a function whose result nobody waits for.

    Args:
        reference: The function as the state machine named it.
        event: The packed event.

    Raises:
        ExecutionError: It failed; there is no state to tell, so the log tells it.
    """
    wanted = LambdaInvocation(reference=reference, event=engine.payloads.unpack(event))
    function = engine.functions.find(reference)
    call_here(engine, PlannedCall(function=function, invocation=wanted), None)
