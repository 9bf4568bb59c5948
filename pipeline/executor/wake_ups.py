"""What each message of the engine does when it arrives.

A wake-up that comes twice, late, or for a frame that has moved on does nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor import lanes
from pipeline.executor.advance import advance_burst, advance_frame
from pipeline.executor.burst import Burst
from pipeline.executor.calls import calling
from pipeline.executor.calls.lost_calls import MAX_LOSSES, TOO_MANY_LOSSES
from pipeline.executor.continuation import Continuation, LaneEnded, Suspended
from pipeline.executor.joins import verdict
from pipeline.executor.message import Message
from pipeline.executor.nested_ends import nested_end
from pipeline.executor.new_children import begin
from pipeline.executor.origins import EndedFanOut, ExpressChild, FailedCreation
from pipeline.executor.settling import call_message
from pipeline.interpreter.frame import Frame, Phase
from pipeline.language.errors import ExecutionError
from pipeline.language.outcomes import (
    FunctionFailed,
    FunctionSucceeded,
    Start,
    WokenUp,
)
from pipeline.ledger import claims, fan_outs, frames
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FrameRow
from pipeline.ledger.transition import Overtaken

Parameters = ParamSpec("Parameters")


def _unless_overtaken(
    arrive: Callable[Parameters, Continuation],
) -> Callable[Parameters, Continuation]:
    """Let a message do nothing when another message has moved its frame meanwhile."""

    @wraps(arrive)
    def arrive_in_time(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Continuation:
        try:
            return arrive(*args, **kwargs)
        except Overtaken:
            return Suspended()

    return arrive_in_time


@_unless_overtaken
def wake(engine: Engine, frame_id: str, version: int) -> Continuation:
    """Advance a frame as far as its phase and the time allow."""
    row = _find(engine, frame_id, version)
    if row is None or row.waits_for_lane:
        return Suspended()
    if row.phase is Phase.READY:
        return _start(engine, row)
    frame = engine.frame(row)
    match row.phase:
        case Phase.JOINING:
            return _join(engine, row, frame)
        case Phase.SUBMITTED if ended := nested_end(engine, row, frame):
            return advance_frame(engine, row, frame, ended, Message())
        case Phase.INVOKING if not _is_overdue(engine, frame):
            return _publish_call(engine, row, frame)
        case _:
            return advance_frame(
                engine, row, frame, WokenUp(), Message(), any_claim=_is_overdue(engine, frame)
            )


@_unless_overtaken
def run_lane(engine: Engine, fan_out_id: str, lane: int, group_id: str | None) -> Continuation:
    """Let a lane take its next item, if the one it took last has ended."""
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, fan_out_id)
        current = frames.lane_frame(connection, fan_out_id, lane)
    if fan_out is None:
        return Suspended()
    if current is not None and not current.has_ended:
        # Delivered twice; this message may still go on with the frame if no worker holds it.
        return wake(engine, current.id, current.version)
    message = Message(group_id=group_id)
    turn = 0 if current is None or current.turn is None else current.turn + 1
    started = lanes.take_turn(engine, fan_out, lane, turn, message)
    if isinstance(started, LaneEnded) and _is_busy(engine, fan_out_id, lane):
        # Delivered twice: the other message has just taken the last item for this very lane.
        # Ending the lane now would have its chord counted before the item is done.
        return Suspended()
    if isinstance(started, LaneEnded | Suspended):
        return started
    return advance_burst(engine, started, started.event, message)


def _is_busy(engine: Engine, fan_out_id: str, lane: int) -> bool:
    with engine.database.reading() as connection:
        current = frames.lane_frame(connection, fan_out_id, lane)
    return current is not None and not current.has_ended


@_unless_overtaken
def make_call(engine: Engine, message: Message, frame_id: str, version: int) -> Continuation:
    """Claim a frame, call the function that the message is named after, and go on."""
    row = claims.claim(engine.database, frame_id, version, engine.worker_id)
    if row is None:
        return Suspended()
    with claimed(engine, lambda: row):
        return _call_claimed(engine, row, message)


@_unless_overtaken
def take_result(
    engine: Engine,
    frame_id: str,
    version: int,
    event: FunctionSucceeded | FunctionFailed,
) -> Continuation:
    """Go on with the result that another application's task has given."""
    row = _find(engine, frame_id, version)
    if row is None or row.phase is not Phase.INVOKING:
        return Suspended()
    frame = engine.frame(row)
    if isinstance(event, FunctionSucceeded) and frame.invocation:
        execution = engine.executions.cached(row.execution_id).context
        planned = calling.plan(engine, frame.invocation, execution)
        output = calling.result_of(planned, event.output)
        event = FunctionSucceeded(output=output, started_at=event.started_at)
    return advance_frame(engine, row, frame, event, Message())


def _find(engine: Engine, frame_id: str, version: int) -> FrameRow | None:
    with engine.database.reading() as connection:
        row = frames.find_frame(connection, frame_id)
    return None if row is None or row.version != version or row.has_ended else row


def _is_overdue(engine: Engine, frame: Frame) -> bool:
    return frame.wake_at is not None and engine.clock() >= frame.wake_at


def _start(engine: Engine, row: FrameRow) -> Continuation:
    """Start a child frame whose worker died before it got anywhere."""
    if row.claimed_by is not None or row.fan_out_id is None:
        return Suspended()
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, row.fan_out_id)
    if fan_out is None:
        return Suspended()
    burst = begin(engine, fan_out, row)
    if isinstance(burst.origin, ExpressChild):
        # It runs in one go, perhaps for minutes: no other worker may start it meanwhile.
        claim = claims.claim(engine.database, row.id, row.version, engine.worker_id)
        if claim is None:
            return Suspended()
        burst.row = replace(claim, item_count=burst.row.item_count)
        if row.losses >= MAX_LOSSES:
            error = ExecutionError(TOO_MANY_LOSSES.error, TOO_MANY_LOSSES.cause)
            burst.origin = FailedCreation(error)
            burst.frame = replace(burst.frame, phase=Phase.FAILED)
    return advance_burst(engine, burst, Start(), Message())


def _join(engine: Engine, row: FrameRow, frame: Frame) -> Continuation:
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, str(FanOutId(row.id, row.version)))
    event = None if fan_out is None else verdict(engine, fan_out)
    if fan_out is None or event is None:
        return Suspended()
    execution = engine.executions.cached(row.execution_id)
    burst = Burst(
        machine=execution.machine,
        execution=execution.context,
        row=row,
        frame=frame,
        origin=EndedFanOut(fan_out.id),
    )
    return advance_burst(engine, burst, event, Message())


def _planned(engine: Engine, row: FrameRow, frame: Frame) -> calling.PlannedCall | FunctionFailed:
    execution = engine.executions.cached(row.execution_id).context
    return calling.planned_or_failed(engine, frame, execution)


def _publish_call(engine: Engine, row: FrameRow, frame: Frame) -> Continuation:
    if row.claimed_by is not None or frame.invocation is None:
        return Suspended()
    if row.losses >= MAX_LOSSES:
        return advance_frame(engine, row, frame, TOO_MANY_LOSSES, Message())
    planned = _planned(engine, row, frame)
    if isinstance(planned, FunctionFailed):  # a function that was created over the API is deleted
        return advance_frame(engine, row, frame, planned, Message())
    return call_message(engine, row, planned, frame.wake_at)


def _call_claimed(engine: Engine, row: FrameRow, message: Message) -> Continuation:
    frame = engine.frame(row)
    if row.phase is not Phase.INVOKING or frame.invocation is None:
        raise ValueError(f"frame {row.id} is {row.phase} and calls nothing")
    if frame.wake_at is not None:
        with engine.database.statement() as connection:
            frames.settle(connection, row.id, row.version, frame.wake_at)
    planned = _planned(engine, row, frame)
    event: FunctionSucceeded | FunctionFailed
    if isinstance(planned, FunctionFailed):
        event = planned
    else:
        event = calling.make_call(engine, planned, frame, row)
        frame = calling.with_heartbeats(engine, row, frame)
    message.note(event)
    return advance_frame(engine, row, frame, event, message)
