"""The Task state: one call of a function."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from pipeline.language import task_events
from pipeline.language.data_limits import check_size
from pipeline.language.errors import HEARTBEAT_TIMEOUT, TIMEOUT, ExecutionError
from pipeline.language.input_output import fill, filtered_input, leave, select_result
from pipeline.language.json_value import Json
from pipeline.language.numeric_fields import whole_number
from pipeline.language.outcomes import (
    AwaitToken,
    FunctionFailed,
    FunctionSucceeded,
    Heartbeat,
    Invoke,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from pipeline.language.query.json_path import JsonPath
from pipeline.language.resource import Pattern, Resource
from pipeline.language.states.common import (
    ErrorHandling,
    InputOutput,
    ResultFields,
    StateFields,
    Transition,
)
from pipeline.language.visit import Exited, Visit

Answer: TypeAlias = (
    WokenUp | Heartbeat | FunctionSucceeded | FunctionFailed | TokenSucceeded | TokenFailed
)
"""What may come in while the function runs or its task token is to be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(StateFields, InputOutput, ResultFields, ErrorHandling, Transition):
    """A Task state.

    Attributes:
        resource: What it invokes.
        timeout_seconds: Seconds, or the path that gives them, or None for no limit.
        heartbeat_seconds: The same for the time between two heartbeats.
    """

    resource: Resource
    timeout_seconds: int | JsonPath | None
    heartbeat_seconds: int | JsonPath | None


def enter(state: Task, visit: Visit) -> Invoke:
    """Schedule the function with the effective input."""
    if state.resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        visit.token = visit.sources.token()
    document = filtered_input(state, visit)
    timeout = _limit("TimeoutSeconds", state.timeout_seconds, document, visit)
    heartbeat = _limit("HeartbeatSeconds", state.heartbeat_seconds, document, visit)
    arguments = document
    if state.parameters is not None:
        arguments = fill(state.parameters, document, visit)
    if visit.execution.strict_limits:
        check_size(arguments, state.name)
    _set_deadlines(timeout, heartbeat, visit)
    task_events.scheduled(
        state.resource, arguments, visit, timeout_seconds=timeout, heartbeat_seconds=heartbeat
    )
    return Invoke(
        resource=state.resource, arguments=arguments, token=visit.token, deadline=visit.deadline
    )


def resume(state: Task, event: Answer, visit: Visit) -> Exited | AwaitToken:
    """Take the answer of the function or of its task token.

    Raises:
        ExecutionError: The function failed, its answer is too large, or it comes too late.
    """
    if isinstance(event, FunctionSucceeded | FunctionFailed) and event.started_at is not None:
        task_events.started(state.resource, event.started_at, visit)
    _check_deadlines(state, visit)
    match event:
        case FunctionSucceeded() if visit.token is not None:
            task_events.submitted(state.resource, event.output, visit)
            return AwaitToken(deadline=visit.deadline)
        case FunctionSucceeded() | TokenSucceeded():
            return _succeed(state, event.output, visit)
        case FunctionFailed() | TokenFailed():
            raise _failure(state, event, visit)
        case Heartbeat():
            if visit.heartbeat_seconds is not None:
                visit.heartbeat_at = visit.sources.now + visit.heartbeat_seconds
            return AwaitToken(deadline=visit.deadline)
        case WokenUp():
            return AwaitToken(deadline=visit.deadline)
        case _:
            assert_never(event)


def _limit(field: str, value: int | JsonPath | None, document: Json, visit: Visit) -> int | None:
    return None if value is None else whole_number(field, value, document, visit, least=1)


def _set_deadlines(timeout: int | None, heartbeat: int | None, visit: Visit) -> None:
    if timeout is not None:
        visit.timeout_at = visit.sources.now + timeout
    if heartbeat is not None and visit.token is not None:
        # Without a token there is nothing a function could report its heartbeat with.
        visit.heartbeat_seconds = heartbeat
        visit.heartbeat_at = visit.sources.now + heartbeat


def _check_deadlines(state: Task, visit: Visit) -> None:
    now = visit.sources.now
    if visit.timeout_at is not None and now >= visit.timeout_at:
        error = TIMEOUT
    elif visit.heartbeat_at is not None and now >= visit.heartbeat_at:
        error = HEARTBEAT_TIMEOUT
    else:
        return
    task_events.timed_out(state.resource, error, "", visit)
    raise ExecutionError(error)


def _succeed(state: Task, result: Json, visit: Visit) -> Exited:
    if visit.execution.strict_limits:
        try:
            check_size(result, state.resource.arn)
        except ExecutionError as error:
            task_events.failed(state.resource, error.error, error.cause, visit)
            raise
    task_events.succeeded(state.resource, result, visit)
    return leave(state, state.next, select_result(state, result, visit), visit)


def _failure(state: Task, event: FunctionFailed | TokenFailed, visit: Visit) -> ExecutionError:
    record = task_events.failed
    if event.error in (TIMEOUT, HEARTBEAT_TIMEOUT):
        record = task_events.timed_out
    elif isinstance(event, FunctionFailed) and event.started_at is None:
        record = task_events.start_failed
    record(state.resource, event.error, event.cause, visit)
    return ExecutionError(event.error, event.cause)
