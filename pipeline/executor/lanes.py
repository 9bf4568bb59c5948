"""Lanes: taking one item after another until none is left."""

from collections.abc import Iterator
from dataclasses import replace

from celery.canvas import Signature

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.burst import Burst
from pipeline.executor.continuation import HandedOver, LaneEnded, Suspended
from pipeline.executor.given_items import given_item, items_of
from pipeline.executor.joins import all_ended, awaits_writing, has_failed
from pipeline.executor.message import Message
from pipeline.interpreter.child_frames import child_frame
from pipeline.interpreter.frame import Frame, FrameKind, Phase
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import FanOutKind, WokenUp
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.map import Map
from pipeline.ledger import fan_outs, frames
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.fan_outs import TurnTaken, take
from pipeline.ledger.redriving import count_waiting, take_waiting
from pipeline.ledger.rows import LANES_OF_AN_ATTEMPT, FanOutRow, FrameRow

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


def start_redriven(engine: Engine, fan_out: FanOutRow) -> None:
    """Start what is to be done again of a fan-out that was redriven."""
    for message in redriven_messages(engine, fan_out):
        send(message)
    # Children that failed for good may be too many already.
    ring_if_failed(engine, fan_out)


def redriven_messages(engine: Engine, fan_out: FanOutRow) -> Iterator[Signature]:
    """The messages that go on with a fan-out that was redriven, but those of busy lanes."""
    if fan_out.error is not None:
        yield engine.canvas.ring(fan_out)
    elif not fan_out.is_read:
        first = fan_out.first_lane
        yield engine.canvas.fan_out(fan_out, lanes=list(range(first, first + fan_out.lanes)))
    elif children_left(engine, fan_out):
        yield from idle_lanes(engine, fan_out)
    else:
        yield engine.canvas.join(fan_out)


def children_left(engine: Engine, fan_out: FanOutRow) -> int:
    """How many children of a fan-out that was read no lane has taken, or taken again, yet."""
    with engine.database.reading() as connection:
        waiting = count_waiting(connection, fan_out.id) if fan_out.redrive_count else 0
    return waiting + fan_out.total - fan_out.taken


def idle_lanes(engine: Engine, fan_out: FanOutRow) -> Iterator[Signature]:
    """The messages of lanes that nobody runs, as far as there is something left for them.

    One too many finds no item, or its turn taken.
    """
    left = children_left(engine, fan_out)
    if not left:
        return
    with engine.database.reading() as connection:
        busy = frames.busy_lanes(connection, fan_out.id)
    first = fan_out.first_lane
    for lane in range(first, first + min(_width(engine, fan_out), len(busy) + left)):
        if lane not in busy:
            yield engine.canvas.added_lane(fan_out, lane)


def _width(engine: Engine, fan_out: FanOutRow) -> int:
    """How many lanes a fan-out may have now."""
    if fan_out.width is not None:
        return fan_out.width
    if fan_out.kind == FanOutKind.PARALLEL:
        return fan_out.total
    limit = engine.settings.lane_limit
    return min(fan_out.max_concurrency or limit, limit)


def take_next(engine: Engine, ended: FrameRow, message: Message) -> Burst | LaneEnded | Suspended:
    """Let the lane of a frame that has ended take its next item."""
    if ended.fan_out_id is None or ended.lane is None or ended.turn is None:
        raise ValueError(f"frame {ended.id} has no lane")
    fan_out = engine.fan_outs.cached(ended.fan_out_id)
    return take_turn(engine, fan_out, ended.lane, ended.turn + 1, message)


def begin(engine: Engine, fan_out: FanOutRow, row: FrameRow) -> Burst:
    """A child frame from its fan-out alone: what it needs is stored there once for all."""
    cached = engine.executions.cached(row.execution_id)
    machine, execution = cached.machine, cached.context
    position = row.position or 0
    parent, given = engine.fan_outs.parent_of(fan_out), given_item(engine, fan_out, position)
    row = replace(row, item_count=items_of(fan_out, given))
    try:
        frame = child_frame(machine, parent, position, given, execution, engine.sources(row.id))
    except ExecutionError as error:
        return Burst(
            machine=machine,
            execution=execution,
            row=row,
            frame=_failed_creation(fan_out, parent),
            events=_failed_creation_history(engine, fan_out, position),
            creation_error=error,
        )
    return Burst(
        machine=machine,
        execution=execution,
        row=row,
        frame=frame,
        is_express=_runs_express_children(machine, parent),
    )


def _runs_express_children(machine: StateMachine, parent: Frame) -> bool:
    state = machine.scopes[parent.scope].states[parent.state]
    return isinstance(state, Map) and state.execution_type == "EXPRESS"


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


def report_failure(engine: Engine, row: FrameRow) -> None:
    """Ring the parent of a frame that failed, if that is more than it tolerates."""
    if not row.has_failed or row.fan_out_id is None:
        return
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, row.fan_out_id)
    if fan_out is not None:
        ring_if_failed(engine, fan_out)


def ring_if_failed(engine: Engine, fan_out: FanOutRow) -> None:
    """Ring the parent if more items have failed than it tolerates; the verdict counts them."""
    if has_failed(fan_out, fan_out.failures):
        message = engine.canvas.aggregate if awaits_writing(fan_out) else engine.canvas.ring
        send(message(fan_out))


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


def _failed_creation(fan_out: FanOutRow, parent: Frame) -> Frame:
    return Frame(
        kind=_FRAME_KINDS[FanOutKind(fan_out.kind)],
        scope=parent.scope,
        state=parent.state,
        phase=Phase.FAILED,
    )


def _failed_creation_history(
    engine: Engine, fan_out: FanOutRow, position: int
) -> list[HistoryEvent]:
    if fan_out.kind != FanOutKind.INLINE_MAP:
        return []
    details = {"name": fan_out.state, "index": position}
    return [
        HistoryEvent(type=type_, timestamp=engine.clock(), details=details)
        for type_ in ("MapIterationStarted", "MapIterationFailed")
    ]
