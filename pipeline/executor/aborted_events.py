"""The history events of a frame that is aborted."""

from typing import TypeAlias

from pipeline.engine.engine import Engine
from pipeline.interpreter.frame import FrameKind, Phase
from pipeline.interpreter.frame_codec import FrameOutline, outline_of_frame
from pipeline.interpreter.scope_events import iteration_details
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import JsonObject
from pipeline.language.state_machine import State
from pipeline.language.states.map import Map, ProcessorMode
from pipeline.language.states.wait import Wait
from pipeline.ledger.rows import FrameRow

_Events: TypeAlias = list[tuple[str, JsonObject]]


def aborted_events(
    engine: Engine, row: FrameRow, stopped: JsonObject | None = None
) -> list[HistoryEvent]:
    """The events of a frame that is aborted where it is; none if it had not begun.

    Args:
        engine: Whose clock and definitions count.
        row: The frame as it was before.
        stopped: The error and cause with which a client stopped this very frame, a child
            execution; None for any other.
    """
    now = engine.clock()
    events = _events_of(engine, row, stopped or {})
    if not events and stopped is not None:
        events = [("ExecutionAborted", stopped)]
    return [HistoryEvent(type=type_, timestamp=now, details=details) for type_, details in events]


def _events_of(engine: Engine, row: FrameRow, stopped: JsonObject) -> _Events:
    if row.body is None:
        return []
    outline = outline_of_frame(row.body)
    machine = engine.executions.cached(row.execution_id).machine
    state = machine.scopes[outline.scope].states[outline.state]
    if outline.kind is FrameKind.ROOT and isinstance(state, Wait):
        return []  # the end of the execution follows WaitStateEntered at once
    return [*_of_state(state, row.phase), *_of_scope(outline, stopped)]


def _of_state(state: State, phase: Phase) -> _Events:
    aborted: tuple[str, JsonObject] = (f"{type(state).__name__}StateAborted", {})
    distributed = isinstance(state, Map) and state.mode is ProcessorMode.DISTRIBUTED
    return [("MapRunAborted", {}), aborted] if distributed and phase is Phase.JOINING else [aborted]


def _of_scope(outline: FrameOutline, stopped: JsonObject) -> _Events:
    if outline.kind is FrameKind.ITERATION:
        return [("MapIterationAborted", iteration_details(outline.scope, outline.index))]
    return [("ExecutionAborted", stopped)] if outline.kind is FrameKind.CHILD_EXECUTION else []
