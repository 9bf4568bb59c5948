"""Lanes: taking one item after another until none is left."""

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.burst import Burst
from pipeline.executor.continuation import HandedOver, LaneEnded, Suspended
from pipeline.executor.joins import all_ended
from pipeline.executor.lane_starts import start_redriven
from pipeline.executor.message import Message
from pipeline.executor.new_children import begin
from pipeline.interpreter.frame import Phase
from pipeline.language.outcomes import FanOutKind, WokenUp
from pipeline.ledger import fan_outs, frames
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.fan_outs import TurnTaken, take
from pipeline.ledger.redriving import take_waiting
from pipeline.ledger.rows import LANES_OF_AN_ATTEMPT, FanOutRow, FrameRow


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
    if lane >= LANES_OF_AN_ATTEMPT:
        fan_out = _as_it_is(engine, fan_out)
        if begun_again := _take_again(engine, fan_out, lane, turn):
            return begun_again
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
        return LaneEnded(fan_out=_as_it_ends(engine, fan_out, lane), lane=lane)
    with claimed(engine, lambda: row):
        burst = begin(engine, fan_out, row)
        if fan_out.batching is not None:
            # Its first commit may come late, and counts of a map run are looked at before.
            with engine.database.statement() as connection:
                frames.count_items(connection, row.id, burst.row.item_count)
        return burst


def _as_it_ends(engine: Engine, fan_out: FanOutRow, lane: int) -> FanOutRow:
    """A fan-out as it is when one of its lanes finds no item.

    Where no chord counts its lanes, since their number was changed or it was redriven, the last of
    them rings.
    """
    redriven = lane >= LANES_OF_AN_ATTEMPT
    if fan_out.kind != FanOutKind.DISTRIBUTED_MAP and not redriven:
        return fan_out
    fan_out = _as_it_is(engine, fan_out)
    if (fan_out.width is not None or redriven) and all_ended(engine, fan_out):
        send(engine.canvas.join(fan_out))
    return fan_out


def _as_it_is(engine: Engine, fan_out: FanOutRow) -> FanOutRow:
    """A fan-out as it is now, which one that this process remembers need not be."""
    with engine.database.reading() as connection:
        return fan_outs.find_fan_out(connection, fan_out.id) or fan_out


def _take_again(
    engine: Engine, fan_out: FanOutRow, lane: int, turn: int
) -> Burst | Suspended | None:
    """Let a lane take a child that a redrive begins again; None when there is none left."""
    try:
        row = take_waiting(
            engine.database,
            fan_out.id,
            lane=lane,
            turn=turn,
            worker_id=engine.worker_id,
            look_at=engine.redelivery_at(),
        )
    except TurnTaken:
        return Suspended()
    if row is None:
        return None
    with claimed(engine, lambda: row):
        if row.phase is Phase.READY:
            return begin(engine, fan_out, row)
        frame = engine.frame(row)
        if row.phase is Phase.JOINING:
            with engine.database.reading() as connection:
                below = fan_outs.find_fan_out(connection, str(FanOutId(row.id, row.version)))
            if below is not None:
                start_redriven(engine, below)
            return Suspended()
        execution = engine.executions.cached(row.execution_id)
        return Burst(
            machine=execution.machine,
            execution=execution.context,
            row=row,
            frame=frame,
            event=WokenUp(),
        )


def take_next(engine: Engine, ended: FrameRow, message: Message) -> Burst | LaneEnded | Suspended:
    """Let the lane of a frame that has ended take its next item."""
    if ended.fan_out_id is None or ended.lane is None or ended.turn is None:
        raise ValueError(f"frame {ended.id} has no lane")
    fan_out = engine.fan_outs.cached(ended.fan_out_id)
    return take_turn(engine, fan_out, ended.lane, ended.turn + 1, message)


def has_seat(fan_out: FanOutRow, lane: int) -> bool:
    """Whether the chord counts a lane that has found no item.

    Once the number of lanes was changed, no chord counts them all.
    """
    return fan_out.group_id is not None and fan_out.width is None and lane < fan_out.lanes


def next_message(engine: Engine, ended: FrameRow) -> HandedOver:
    """The message that goes on with the lane of a frame that has ended."""
    if ended.fan_out_id is None or ended.lane is None:
        raise ValueError(f"frame {ended.id} has no lane")
    fan_out = engine.fan_outs.cached(ended.fan_out_id)
    canvas = engine.canvas
    message = canvas.lane if has_seat(fan_out, ended.lane) else canvas.added_lane
    return HandedOver(signature=message(fan_out, ended.lane))


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
