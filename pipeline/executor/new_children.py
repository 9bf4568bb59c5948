"""New children of a fan-out, from what is stored once for all of them."""

from dataclasses import replace

from pipeline.engine.engine import Engine
from pipeline.executor.burst import Burst
from pipeline.executor.given_items import given_item, items_of
from pipeline.executor.origins import ExpressChild, FailedCreation
from pipeline.interpreter.child_frames import child_frame
from pipeline.interpreter.frame import Frame, FrameKind, Phase
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import FanOutKind
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.map import Map
from pipeline.ledger.rows import FanOutRow, FrameRow

_FRAME_KINDS = {
    FanOutKind.PARALLEL: FrameKind.BRANCH,
    FanOutKind.INLINE_MAP: FrameKind.ITERATION,
    FanOutKind.DISTRIBUTED_MAP: FrameKind.CHILD_EXECUTION,
}


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
            events=failed_creation_events(fan_out.state, position, engine.clock())
            if fan_out.kind == FanOutKind.INLINE_MAP
            else [],
            origin=FailedCreation(error),
        )
    return Burst(
        machine=machine,
        execution=execution,
        row=row,
        frame=frame,
        origin=ExpressChild() if _runs_express_children(machine, parent) else None,
    )


def _runs_express_children(machine: StateMachine, parent: Frame) -> bool:
    state = machine.scopes[parent.scope].states[parent.state]
    return isinstance(state, Map) and state.execution_type == "EXPRESS"


def _failed_creation(fan_out: FanOutRow, parent: Frame) -> Frame:
    return Frame(
        kind=_FRAME_KINDS[FanOutKind(fan_out.kind)],
        scope=parent.scope,
        state=parent.state,
        phase=Phase.FAILED,
    )


def failed_creation_events(state: str, position: int, at: float) -> list[HistoryEvent]:
    """The history of an iteration of an inline Map that could not be made.

    Args:
        state: The Map state's name.
        at: Epoch seconds.
    """
    details = {"name": state, "index": position}
    return [
        HistoryEvent(type=type_, timestamp=at, details=details)
        for type_ in ("MapIterationStarted", "MapIterationFailed")
    ]
