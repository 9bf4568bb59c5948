"""The Task state: one call of a function, or one task for the workers of an activity."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from pipeline.language import task_events
from pipeline.language.data_limits import check_size
from pipeline.language.errors import HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT, ExecutionError
from pipeline.language.fields import Expression, Template, fill
from pipeline.language.json_value import Json
from pipeline.language.numeric_fields import whole_number
from pipeline.language.outcomes import (
    AwaitToken,
    FunctionFailed,
    FunctionSucceeded,
    Heartbeat,
    Invoke,
    NestedFailed,
    NestedSucceeded,
    Offer,
    Taken,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from pipeline.language.resource import Pattern, Resource
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    StateFields,
    Transition,
)
from pipeline.language.visit import Exited, Visit

Answer: TypeAlias = (
    WokenUp
    | Heartbeat
    | FunctionSucceeded
    | FunctionFailed
    | Taken
    | TokenSucceeded
    | TokenFailed
    | NestedSucceeded
    | NestedFailed
)
"""The events of a Task state while its function or the job that it started runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(StateFields, InputOutput, ErrorHandling, Transition):
    """A Task state.

    Attributes:
        resource: The resource that it invokes.
        credentials: Template with the role to assume; None for the environment's own credentials.
        timeout_seconds: The limit in seconds, or the expression that computes it; None for no
            limit.
        heartbeat_seconds: The same for the time between two heartbeats.
    """

    resource: Resource
    credentials: Template | None = None
    timeout_seconds: int | Expression | None
    heartbeat_seconds: int | Expression | None


def enter(state: Task, visit: Visit) -> Invoke | Offer:
    """Schedule the function, or the activity's task, with the effective input."""
    if state.resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        visit.token = visit.sources.token()
    document = state.flow.filtered_input(visit)
    timeout = _limit("TimeoutSeconds", state.timeout_seconds, document, visit)
    heartbeat = _limit("HeartbeatSeconds", state.heartbeat_seconds, document, visit)
    role_arn = _role_arn(state, document, visit)
    arguments = state.flow.effective_input(document, visit)
    if visit.execution.strict_limits:
        check_size(arguments, state.name)
    _set_deadlines(state, timeout, heartbeat, visit)
    task_events.scheduled(
        state.resource,
        arguments,
        visit,
        timeout_seconds=timeout,
        heartbeat_seconds=heartbeat,
        role_arn=role_arn,
    )
    if state.resource.is_activity:
        return Offer(activity=state.resource.arn, arguments=arguments, deadline=visit.deadline)
    return Invoke(
        resource=state.resource,
        arguments=arguments,
        token=visit.token,
        deadline=visit.deadline,
        role_arn=role_arn,
    )


def resume(state: Task, event: Answer, visit: Visit) -> Exited | AwaitToken:
    """Handle the answer of the function, or to its task token.

    Raises:
        ExecutionError: The function failed, its answer is too large, or it comes too late.
    """
    if isinstance(event, FunctionSucceeded | FunctionFailed) and event.started_at is not None:
        task_events.started(state.resource, event.started_at, visit)
    _check_deadlines(state, visit)
    match event:
        case FunctionSucceeded() if visit.token is not None or state.resource.is_sync:
            task_events.submitted(state.resource, event.output, visit)
            return AwaitToken(deadline=visit.deadline)
        case FunctionSucceeded() | TokenSucceeded() | NestedSucceeded():
            return _succeed(state, event.output, visit)
        case FunctionFailed() | TokenFailed() | NestedFailed():
            raise _failure(state, event, visit)
        case Taken():
            task_events.taken(event.worker_name, visit)
            visit.token = visit.sources.token()
            _hear_heartbeat(visit)
            return AwaitToken(deadline=visit.deadline)
        case Heartbeat():
            _hear_heartbeat(visit)
            return AwaitToken(deadline=visit.deadline)
        case WokenUp():
            return AwaitToken(deadline=visit.deadline)
        case _:
            assert_never(event)


def _role_arn(state: Task, document: Json, visit: Visit) -> str | None:
    if state.credentials is None:
        return None
    match fill(state.credentials, document, visit):
        case {"RoleArn": str(arn)}:
            return arn
    raise visit.failure("The field 'Credentials' does not give a text as its 'RoleArn'")


def _limit(field: str, value: int | Expression | None, document: Json, visit: Visit) -> int | None:
    return None if value is None else whole_number(field, value, document, visit, least=1)


def _set_deadlines(state: Task, timeout: int | None, heartbeat: int | None, visit: Visit) -> None:
    if timeout is not None:
        visit.timeout_at = visit.sources.now + timeout
    if state.resource.is_activity:
        # The time to the first heartbeat counts from when a worker takes the task.
        visit.heartbeat_seconds = heartbeat
    elif heartbeat is not None and visit.token is not None:
        # Without a token, a function cannot report a heartbeat.
        visit.heartbeat_seconds = heartbeat
        visit.heartbeat_at = visit.sources.now + heartbeat


def _hear_heartbeat(visit: Visit) -> None:
    if visit.heartbeat_seconds is not None:
        visit.heartbeat_at = visit.sources.now + visit.heartbeat_seconds


def _check_deadlines(state: Task, visit: Visit) -> None:
    now = visit.sources.now
    if visit.timeout_at is not None and now >= visit.timeout_at:
        error = TIMEOUT
    elif visit.heartbeat_at is not None and now >= visit.heartbeat_at:
        error = HEARTBEAT_TIMEOUT
    else:
        return
    task_events.timed_out(state.resource, TIMEOUT, "", visit)
    raise ExecutionError(error)


def _succeed(state: Task, result: Json, visit: Visit) -> Exited:
    if visit.execution.strict_limits:
        try:
            check_size(result, state.resource.owner)
        except ExecutionError as error:
            task_events.failed(state.resource, error.error, error.cause, visit)
            raise
    task_events.succeeded(state.resource, result, visit)
    return state.flow.leave(state.next, result, visit)


def _failure(
    state: Task, event: FunctionFailed | TokenFailed | NestedFailed, visit: Visit
) -> ExecutionError:
    if state.resource.is_activity and event.error == RUNTIME:
        return visit.failure(event.cause)
    record = task_events.failed
    if event.error in (TIMEOUT, HEARTBEAT_TIMEOUT):
        record = task_events.timed_out
    elif isinstance(event, FunctionFailed) and event.started_at is None:
        record = task_events.start_failed
    record(state.resource, event.error, event.cause, visit)
    return ExecutionError(event.error, event.cause)
