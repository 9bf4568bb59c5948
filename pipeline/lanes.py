"""Lanes: taking one item after another until none is left."""

from pipeline.burst import Burst
from pipeline.claimed import claimed
from pipeline.continuation import LaneEnded, Suspended
from pipeline.engine import Engine
from pipeline.frame import Frame, FrameKind, Phase
from pipeline.interpreter import child_frame
from pipeline.joins import too_many_failed
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger.fan_outs import TurnTaken, take
from pipeline.ledger.rows import FanOutRow, FrameRow
from pipeline.message import Message

_FRAME_KINDS = {
    FanOutKind.PARALLEL: FrameKind.BRANCH,
    FanOutKind.INLINE_MAP: FrameKind.ITERATION,
    FanOutKind.DISTRIBUTED_MAP: FrameKind.CHILD_EXECUTION,
}


def take_turn(
    engine: Engine, fan_out: FanOutRow, lane: int, turn: int, message: Message
) -> Burst | LaneEnded | Suspended:
    """Let a lane take its next item.

    Returns:
        The new frame, about to start; or LaneEnded when no item is left; or Suspended when the
        turn was taken already, since the message was delivered twice.

    Raises:
        Overtaken: The fan-out ended in the moment between taking the item and beginning it.
    """
    blank = _blank_row(engine, fan_out, lane, turn)
    try:
        row = take(
            engine.database,
            blank,
            group_id=message.group_id,
            own_history=fan_out.kind == FanOutKind.DISTRIBUTED_MAP,
        )
    except TurnTaken:
        return Suspended()
    if row is None:
        return LaneEnded(fan_out=fan_out, lane=lane)
    with claimed(engine, row.id):
        return begin(engine, fan_out, row)


def take_next(engine: Engine, ended: FrameRow, message: Message) -> Burst | LaneEnded | Suspended:
    """Let the lane of a frame that has ended take its next item."""
    if ended.fan_out_id is None or ended.lane is None or ended.turn is None:
        raise ValueError(f"frame {ended.id} has no lane")
    fan_out = engine.fan_out(ended.fan_out_id)
    return take_turn(engine, fan_out, ended.lane, ended.turn + 1, message)


def begin(engine: Engine, fan_out: FanOutRow, row: FrameRow) -> Burst:
    """A child frame from its fan-out alone: what it needs is stored there once for all."""
    machine, execution = engine.machine_of(row.execution_id)
    position = row.position or 0
    parent, given = engine.parent_of(fan_out), engine.given(fan_out, position)
    try:
        frame = child_frame(machine, parent, position, given, execution, engine.sources(row.id))
    except ExecutionError as error:
        return Burst(
            machine=machine,
            execution=execution,
            row=row,
            frame=_stillborn(fan_out, parent),
            events=_stillborn_history(engine, fan_out, position),
            stillborn=error,
        )
    return Burst(machine=machine, execution=execution, row=row, frame=frame)


def report_failure(engine: Engine, row: FrameRow) -> None:
    """Ring the parent of a frame that failed, if that is more than it tolerates."""
    if row.phase is not Phase.FAILED or row.fan_out_id is None:
        return
    fan_out = engine.fan_out(row.fan_out_id)
    if too_many_failed(engine, fan_out):
        wanted = engine.canvas.aggregate if fan_out.writer else engine.canvas.ring
        wanted(fan_out).apply_async()


def _blank_row(engine: Engine, fan_out: FanOutRow, lane: int, turn: int) -> FrameRow:
    return FrameRow(
        id="",
        execution_id=fan_out.execution_id,
        history_id=fan_out.history_id,
        fan_out_id=fan_out.id,
        lane=lane,
        turn=turn,
        claimed_by=engine.worker_id,
    )


def _stillborn(fan_out: FanOutRow, parent: Frame) -> Frame:
    return Frame(
        kind=_FRAME_KINDS[FanOutKind(fan_out.kind)],
        scope=parent.scope,
        state=parent.state,
        phase=Phase.FAILED,
    )


def _stillborn_history(engine: Engine, fan_out: FanOutRow, position: int) -> list[HistoryEvent]:
    if fan_out.kind != FanOutKind.INLINE_MAP:
        return []
    details = {"name": fan_out.state, "index": position}
    return [
        HistoryEvent(type=type_, timestamp=engine.clock(), details=details)
        for type_ in ("MapIterationStarted", "MapIterationFailed")
    ]
