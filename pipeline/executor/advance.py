"""Advancing a frame: load, interpret, commit one transaction, and say who goes on.

This is the only place where a frame moves. A message may advance several frames one after
another: when a lane's frame ends, the lane takes the next item.
"""

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor import lanes
from pipeline.executor.burst import Burst
from pipeline.executor.calls import calling
from pipeline.executor.calls.own_errors import OBJECT_STORE_UNAVAILABLE
from pipeline.executor.continuation import (
    Continuation,
    ExecutionOver,
    HandedOver,
    LaneEnded,
    Suspended,
)
from pipeline.executor.event_ids import with_length, with_length_after
from pipeline.executor.express_children import run_express_child
from pipeline.executor.failed_children import report_failure
from pipeline.executor.message import Message
from pipeline.executor.nested_ends import nested_end
from pipeline.executor.origins import AnyClaim, ExpressChild, FailedCreation
from pipeline.executor.settling import hand_over, keep_claim, settle
from pipeline.interpreter.frame import Frame
from pipeline.interpreter.interpreter import interpret
from pipeline.language.errors import RUNTIME
from pipeline.language.outcomes import (
    Event,
    Failed,
    FunctionFailed,
    FunctionSucceeded,
    Invoke,
    Offer,
    Outcome,
)
from pipeline.ledger import activities
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.transition import Overtaken
from pipeline.payloads.object_store import ObjectStoreError


def advance_frame(
    engine: Engine,
    row: FrameRow,
    frame: Frame,
    event: Event,
    message: Message,
    *,
    any_claim: bool = False,
) -> Continuation:
    """Give an event to a frame, and go on as far as this message may.

    Args:
        row: The frame's row as it was read or claimed.
        frame: The frame in it.
        any_claim: Move it although a worker has claimed it: it timed out, or was answered.

    Raises:
        Overtaken: Another message has moved the frame.
    """
    execution = engine.executions.cached(row.execution_id)
    burst = Burst(
        machine=execution.machine,
        execution=execution.context,
        row=row,
        frame=frame,
        origin=AnyClaim() if any_claim else None,
    )
    return advance_burst(engine, burst, event, message)


def advance_burst(engine: Engine, burst: Burst, event: Event, message: Message) -> Continuation:
    """Give an event to a burst, and go on as far as this message may.

    Raises:
        Overtaken: Another message has moved the frame.
    """
    with claimed(engine, lambda: burst.row):
        burst.frame = with_length(engine, burst, event)
        continuation = _go_on(engine, burst, event, message)
        while continuation is None:
            if burst.row.fan_out_id is None:
                return ExecutionOver()
            report_failure(engine, burst.row)
            if message.is_spent:
                return lanes.next_message(engine, burst.row)
            try:
                started = lanes.take_next(engine, burst.row, message)
                if isinstance(started, LaneEnded | Suspended):
                    return started
                ended, burst = burst, started
                burst.frame = with_length_after(engine, ended, burst)
                continuation = _go_on(engine, burst, burst.event, message)
            except Overtaken:
                # The fan-out ended meanwhile; what this call was about has been committed.
                return Suspended()
    return continuation


def _go_on(engine: Engine, burst: Burst, event: Event, message: Message) -> Continuation | None:
    """Run one frame until another message must go on with it; None when it has ended."""
    match burst.origin:
        case FailedCreation(error=error):
            failed = Failed(error=error.error, cause=error.cause)
            return settle(engine, burst, burst.frame, failed)
        case ExpressChild():
            return settle(engine, burst, burst.frame, run_express_child(engine, burst))
        case _:
            return _advance_to_outcome(engine, burst, event, message)


def _advance_to_outcome(
    engine: Engine, burst: Burst, event: Event, message: Message
) -> Continuation | None:
    has_result = False
    while True:
        following = _following(engine, burst, event, message, has_result=has_result)
        if following is None or isinstance(following, Continuation):
            return following
        if isinstance(following, calling.PlannedCall):
            event = calling.make_call(engine, following, burst.frame, burst.row)
            burst.frame = calling.with_heartbeats(engine, burst.row, burst.frame)
            message.note(event)
            has_result = True
        else:
            event = following


def _following(
    engine: Engine, burst: Burst, event: Event, message: Message, *, has_result: bool
) -> Event | calling.PlannedCall | Continuation | None:
    """What follows an event: the next one, a call to make here, a continuation, or the end (None).

    Args:
        has_result: Whether the burst has a result that is not committed yet.
    """
    before, known = burst.frame, len(burst.events)
    outcome = _interpret(engine, burst, event)
    try:
        if isinstance(outcome, Invoke):
            return _follow_call(engine, burst, outcome, message, has_result=has_result)
        if isinstance(outcome, Offer) and not _has_activity(engine, outcome.activity):
            del burst.events[-1]  # ActivityScheduled, which AWS's history does not have then
            return _no_activity(outcome.activity)
        settled = settle(engine, burst, before, outcome)
    except ObjectStoreError as error:
        if not isinstance(event, FunctionSucceeded):
            raise
        # The result is lost, but the state machine may retry the call.
        burst.frame = before
        del burst.events[known:]
        return _unstorable(event, error)
    # A nested execution that ended before this commit found no waiting frame to wake.
    return nested_end(engine, burst.row, burst.frame) or settled


def _follow_call(
    engine: Engine, burst: Burst, outcome: Invoke, message: Message, *, has_result: bool
) -> FunctionSucceeded | FunctionFailed | calling.PlannedCall | HandedOver:
    """Plan a call; it is made here if this message may make it."""
    planned = calling.planned_or_failed(engine, burst.frame, burst.execution)
    if isinstance(planned, FunctionFailed):
        return planned
    if not planned.is_waited_for:
        return calling.call_without_waiting(engine, burst.row.execution_id, planned)
    if not message.may_call(planned.function):
        return hand_over(engine, burst, outcome, planned)
    keep_claim(engine, burst, outcome, has_result=has_result)
    return planned


def _interpret(engine: Engine, burst: Burst, event: Event) -> Outcome:
    step = interpret(
        burst.machine, burst.frame, event, burst.execution, engine.sources(burst.row.id)
    )
    burst.frame = step.frame
    burst.events += step.events
    return step.outcome


def _has_activity(engine: Engine, arn: str) -> bool:
    with engine.database.reading() as connection:
        return activities.find_activity(connection, arn) is not None


def _no_activity(arn: str) -> FunctionFailed:
    cause = f"The activity {arn} does not exist."
    return FunctionFailed(error=RUNTIME, cause=cause, started_at=None)


def _unstorable(event: FunctionSucceeded, error: ObjectStoreError) -> FunctionFailed:
    return FunctionFailed(
        error=OBJECT_STORE_UNAVAILABLE, cause=str(error), started_at=event.started_at
    )
