"""Advancing a frame: load, interpret, commit one transaction, and say who goes on.

This is the only place where a frame moves. A message may advance several frames one after
another: when a lane's frame ends, the lane takes the next item.
"""

from typing import assert_never

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor import lanes
from pipeline.executor.after_commit import announce
from pipeline.executor.burst import Burst, commit_burst
from pipeline.executor.calls import calling
from pipeline.executor.calls.lost_calls import lost_call
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
from pipeline.executor.message import Message
from pipeline.executor.nested_ends import nested_end
from pipeline.executor.new_fan_outs import new_fan_out
from pipeline.integrations.functions.function import CeleryFunction
from pipeline.interpreter.frame import Frame, Phase
from pipeline.interpreter.interpreter import interpret
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.outcomes import (
    AwaitToken,
    Event,
    Failed,
    FanOut,
    FunctionFailed,
    FunctionSucceeded,
    Invoke,
    Offer,
    Outcome,
    Sleep,
    Succeeded,
)
from pipeline.ledger import activities, frames
from pipeline.ledger.rows import FanOutRow, FrameRow
from pipeline.ledger.transition import Overtaken
from pipeline.payloads.object_store import ObjectStoreError

FIRST_LOOK_SECONDS = 2.0
"""A chord is only a bell, and a short fan-out whose bell was lost should not wait for long. A look
costs one count, and the pause between two looks doubles up to redelivery_seconds."""


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
        Overtaken: Somebody else has moved the frame.
    """
    execution = engine.executions.cached(row.execution_id)
    burst = Burst(
        machine=execution.machine,
        execution=execution.context,
        row=row,
        frame=frame,
        any_claim=any_claim,
    )
    return advance_burst(engine, burst, event, message)


def advance_burst(engine: Engine, burst: Burst, event: Event, message: Message) -> Continuation:
    """Give an event to a burst, and go on as far as this message may.

    Raises:
        Overtaken: Somebody else has moved the frame.
    """
    with claimed(engine, lambda: burst.row):
        burst.frame = with_length(engine, burst, event)
        continuation = _go_on(engine, burst, event, message)
        while continuation is None:
            if burst.row.fan_out_id is None:
                return ExecutionOver()
            lanes.report_failure(engine, burst.row)
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
    if burst.creation_error:
        failed = Failed(error=burst.creation_error.error, cause=burst.creation_error.cause)
        return _settle(engine, burst, burst.frame, failed)
    if burst.is_express:
        return _settle(engine, burst, burst.frame, run_express_child(engine, burst))
    return _advance_to_outcome(engine, burst, event, message)


def _advance_to_outcome(
    engine: Engine, burst: Burst, event: Event, message: Message
) -> Continuation | None:
    has_result = False
    while True:
        before, known = burst.frame, len(burst.events)
        outcome = _interpret(engine, burst, event)
        try:
            if isinstance(outcome, Offer) and not _has_activity(engine, outcome.activity):
                event = _no_activity(outcome.activity)
                continue
            if not isinstance(outcome, Invoke):
                settled = _settle(engine, burst, before, outcome)
                # Whoever ended the nested execution did not find anybody to tell before that.
                ended = nested_end(engine, burst.row, burst.frame)
                if ended is None:
                    return settled
                event = ended
                continue
            planned = _plan(engine, burst)
            if isinstance(planned, FunctionFailed):
                event = planned
                continue
            if not planned.is_waited_for:
                event = calling.call_without_waiting(engine, burst.row.execution_id, planned)
                continue
            if not message.may_call(planned.function):
                return _hand_over(engine, burst, outcome, planned)
            _keep_claim(engine, burst, outcome, has_result=has_result)
        except ObjectStoreError as error:
            if not isinstance(event, FunctionSucceeded):
                raise
            # The result is lost, but the state machine may retry the call.
            burst.frame = before
            del burst.events[known:]
            event = _unstorable(event, error)
            continue
        event = calling.make_call(engine, planned, burst.frame, burst.row)
        burst.frame = calling.with_heartbeats(engine, burst.row, burst.frame)
        message.note(event)
        has_result = True


def _interpret(engine: Engine, burst: Burst, event: Event) -> Outcome:
    step = interpret(
        burst.machine, burst.frame, event, burst.execution, engine.sources(burst.row.id)
    )
    burst.frame = step.frame
    burst.events += step.events
    return step.outcome


def _plan(engine: Engine, burst: Burst) -> calling.PlannedCall | FunctionFailed:
    assert burst.frame.invocation is not None  # noqa: S101 - what INVOKING means
    try:
        return calling.plan(engine, burst.frame.invocation, burst.execution)
    except ExecutionError as error:
        return FunctionFailed(error=error.error, cause=error.cause, started_at=None)


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


def _keep_claim(engine: Engine, burst: Burst, outcome: Invoke, *, has_result: bool) -> None:
    """Make sure that the ledger knows what it must before the function is called here.

    A result must be on disk before the next call; a token or a deadline before anybody acts on
    it. Otherwise the claim that this worker holds is enough: should it die, the frame starts
    again from where the ledger saw it last, and nothing that was committed is done twice.
    """
    holds_claim = burst.row.claimed_by == engine.worker_id
    if holds_claim and not has_result and outcome.token is None and outcome.deadline is None:
        return
    _commit(engine, burst, outcome, claimed_by=engine.worker_id, wake_at=burst.frame.wake_at)


def _hand_over(
    engine: Engine, burst: Burst, outcome: Invoke, planned: calling.PlannedCall
) -> HandedOver:
    """Leave the call to a message of its own."""
    deadline = burst.frame.wake_at
    if burst.row.phase is Phase.READY and burst.row.losses:
        burst.events.append(lost_call(outcome.resource.arn, engine.clock()))
    _commit(engine, burst, outcome, wake_at=engine.redelivery_at(deadline))
    return call_message(engine, burst.row, planned, deadline)


def call_message(
    engine: Engine, row: FrameRow, planned: calling.PlannedCall, deadline: float | None
) -> HandedOver:
    """The message that makes a frame's call."""
    signature = engine.canvas.call(row, planned.function, planned.foreign_arguments)
    if not isinstance(planned.function, CeleryFunction):
        return HandedOver(signature=signature)

    def forget_the_wake_up() -> None:
        # Another application's task cannot be claimed: once it is published, publishing it again
        # would run it twice.
        with engine.database.statement() as connection:
            frames.settle(connection, row.id, row.version, deadline)

    return HandedOver(signature=signature, published=forget_the_wake_up)


def first_look_at(engine: Engine) -> float:
    """When the sweeper is to look at a fan-out for the first time."""
    first = min(FIRST_LOOK_SECONDS, engine.settings.redelivery_seconds)
    return engine.clock() + first


def _commit(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    *,
    claimed_by: str | None = None,
    wake_at: float | None = None,
    opens: FanOutRow | None = None,
) -> None:
    """Commit a burst, then announce that its execution has started or ended.

    Raises:
        Overtaken, ObjectStoreError: As ``commit_burst`` does; nothing was written.
    """
    changed = commit_burst(
        engine, burst, outcome, claimed_by=claimed_by, wake_at=wake_at, opens=opens
    )
    if changed is not None:
        announce(engine, changed.execution, has_ended=changed.has_ended)


def _settle(engine: Engine, burst: Burst, before: Frame, outcome: Outcome) -> Continuation | None:
    """Commit an outcome that needs no function."""
    match outcome:
        case Succeeded() | Failed():
            _commit(engine, burst, outcome)
            return None
        case FanOut():
            fan_out = new_fan_out(engine, burst, outcome)
            _commit(engine, burst, outcome, wake_at=first_look_at(engine), opens=fan_out)
            return HandedOver(signature=engine.canvas.fan_out(fan_out), fans_out=True)
        case Offer() if burst.frame != before:
            _commit(engine, burst, outcome, wake_at=burst.frame.wake_at)
            engine.activity_polls.ring(outcome.activity)
            return Suspended()
        case Sleep() | AwaitToken() | Offer():
            if burst.frame == before and not burst.events:
                _wake_later(engine, burst)
            else:
                _commit(engine, burst, outcome, wake_at=burst.frame.wake_at)
            return Suspended()
        case Invoke():
            raise AssertionError("a call is made or handed over")
        case _:
            assert_never(outcome)


def _wake_later(engine: Engine, burst: Burst) -> None:
    """The wake-up came too early: its time stands."""
    with engine.database.statement() as connection:
        frames.settle(connection, burst.row.id, burst.row.version, burst.frame.wake_at)
