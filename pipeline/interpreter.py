"""The interpreter: a pure function from a frame and an event to the next frame.

It runs states one after another in memory until an outcome needs the outside world or the frame
ends, and yields the history events of what it did. It reads no clock, draws no random number and
does no I/O (``Sources`` are passed in).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from pipeline.frame import Frame, FrameKind, MapItem, Phase
from pipeline.language.context_object import ExecutionContext
from pipeline.language.definition import State, StateMachine
from pipeline.language.error_handling import handle
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.evaluation import Sources
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json
from pipeline.language.outcomes import (
    AwaitToken,
    Event,
    Failed,
    FunctionFailed,
    FunctionSucceeded,
    Heartbeat,
    Invoke,
    Joined,
    JoinFailed,
    Outcome,
    Sleep,
    Start,
    Succeeded,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from pipeline.language.resource import parse_resource
from pipeline.language.states import choice, fail, parallel, pass_, succeed, task, wait
from pipeline.language.states import map as map_
from pipeline.language.visit import Exited, Turn, Visit
from pipeline.scope_events import scope_failed, scope_started, scope_succeeded
from pipeline.visits import close_visit, item_context, open_visit

__all__ = [
    "MAXIMUM_EVENTS",
    "ExecutionContext",
    "Step",
    "UnexpectedEvent",
    "advance",
    "child_frame",
    "root_frame",
]

MAXIMUM_EVENTS = 25_000
"""History events of an execution after which AWS stops it; here, of one call of ``advance``."""

_ENTER: dict[type[State], Callable[[Any, Visit], Turn]] = {
    choice.Choice: choice.enter,
    fail.Fail: fail.enter,
    map_.Map: map_.enter,
    parallel.Parallel: parallel.enter,
    pass_.Pass: pass_.enter,
    succeed.Succeed: succeed.enter,
    task.Task: task.enter,
    wait.Wait: wait.enter,
}
_RESUME: dict[type[State], Callable[[Any, Any, Visit], Turn]] = {
    map_.Map: map_.resume,
    parallel.Parallel: parallel.resume,
    task.Task: task.resume,
    wait.Wait: wait.resume,
}
_ENTERED = {state: f"{state.__name__}StateEntered" for state in _ENTER}
_EXITED = {state: f"{state.__name__}StateExited" for state in _ENTER}

_CALLING = frozenset({Phase.INVOKING})
_ANSWERABLE = frozenset({Phase.INVOKING, Phase.SUBMITTED})
_JOINING = frozenset({Phase.JOINING})
_PHASES: dict[type[Event], frozenset[Phase]] = {
    Start: frozenset({Phase.READY}),
    WokenUp: _ANSWERABLE | {Phase.WAITING, Phase.RETRYING},
    FunctionSucceeded: _CALLING,
    FunctionFailed: _CALLING,
    TokenSucceeded: _ANSWERABLE,
    TokenFailed: _ANSWERABLE,
    Heartbeat: _ANSWERABLE,
    Joined: _JOINING,
    JoinFailed: _JOINING,
}
_TOKEN_EVENTS = (TokenSucceeded, TokenFailed, Heartbeat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The result of one call of the interpreter."""

    frame: Frame
    outcome: Outcome
    events: tuple[HistoryEvent, ...]


class UnexpectedEvent(Exception):
    """An event came in that the frame's phase has no use for."""

    def __init__(self, event: Event, frame: Frame) -> None:
        super().__init__(event, frame)
        self.event = event
        self.frame = frame

    def __str__(self) -> str:
        event = type(self.event).__name__
        return f"{event} does not fit state '{self.frame.state}' in phase {self.frame.phase}"


def root_frame(machine: StateMachine, input: Json) -> Frame:  # noqa: A002 - the spec's name
    """The frame of a new execution, ready to start."""
    return Frame(kind=FrameKind.ROOT, scope="", state=machine.scopes[""].start_at, input=input)


def child_frame(  # noqa: PLR0917 - as advance, and which child of what
    machine: StateMachine,
    parent: Frame,
    position: int,
    given: Json,
    execution: ExecutionContext,
    sources: Sources,
) -> Frame:
    """The frame of one branch or iteration of the state that ``parent`` waits to join.

    Args:
        machine: The definition.
        parent: A frame in phase JOINING.
        position: Number of the branch or item, from 0.
        given: What the child is made for: the item of a Map state, the effective input of a
            Parallel state.
        execution: For the context object.
        sources: The time and randomness.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated for the item; the state fails with it.
        UnexpectedEvent: ``parent`` is not at a Parallel or Map state.
    """
    state = machine.scopes[parent.scope].states[parent.state]
    visit = open_visit(parent, execution, sources)
    if isinstance(state, parallel.Parallel):
        branch = state.branches[position]
        return Frame(
            kind=FrameKind.BRANCH,
            scope=branch.scope,
            state=branch.start_at,
            input=given,
            map_item=parent.map_item,
        )
    if not isinstance(state, map_.Map):
        raise UnexpectedEvent(Start(), parent)
    item = MapItem(index=position, value=given)
    visit.map_item = item_context(item)
    distributed = state.mode is map_.ProcessorMode.DISTRIBUTED
    return Frame(
        kind=FrameKind.CHILD_EXECUTION if distributed else FrameKind.ITERATION,
        scope=state.processor.scope,
        state=state.processor.start_at,
        input=map_.iteration_input(state, item.value, visit),
        map_item=item,
    )


def advance(
    machine: StateMachine,
    frame: Frame,
    event: Event,
    execution: ExecutionContext,
    sources: Sources,
) -> Step:
    """Take an event and run the frame until it needs the world or ends.

    Raises:
        UnexpectedEvent: The event does not fit the frame's phase.
    """
    if frame.phase not in _PHASES[type(event)] or (
        isinstance(event, _TOKEN_EVENTS) and frame.token is None
    ):
        raise UnexpectedEvent(event, frame)
    if isinstance(event, WokenUp | Heartbeat) and not _is_due(frame, sources.now):
        return _undisturbed(frame, event, sources.now)
    visit = open_visit(frame, execution, sources)
    states = machine.scopes[frame.scope].states
    state = states[frame.state]
    try:
        turn = _react(frame, state, event, visit)
    except ExecutionError as error:
        turn = handle(state, error, visit)
    outcome = _run_inline(states, turn, visit)
    if isinstance(outcome, Succeeded):
        scope_succeeded(frame, outcome.output, visit)
    elif isinstance(outcome, Failed):
        scope_failed(frame, outcome.error, outcome.cause, visit)
    return Step(
        frame=close_visit(frame, visit, states[visit.name], outcome),
        outcome=outcome,
        events=tuple(visit.events),
    )


def _is_due(frame: Frame, now: float) -> bool:
    return frame.wake_at is not None and now >= frame.wake_at


def _undisturbed(frame: Frame, event: WokenUp | Heartbeat, now: float) -> Step:
    """The same outcome again: the wake-up came too early, or the silence was not too long."""
    if isinstance(event, Heartbeat) and frame.heartbeat_seconds is not None:
        frame = replace(frame, heartbeat_at=now + frame.heartbeat_seconds)
    outcome: Outcome = AwaitToken(deadline=frame.wake_at)
    if frame.sleep_until is not None:
        outcome = Sleep(until=frame.sleep_until)
    elif isinstance(event, WokenUp) and frame.phase is Phase.INVOKING and frame.invocation:
        outcome = Invoke(
            resource=parse_resource(frame.invocation.resource),
            arguments=frame.invocation.arguments,
            token=frame.token,
            deadline=frame.wake_at,
        )
    return Step(frame=frame, outcome=outcome, events=())


def _react(frame: Frame, state: State, event: Event, visit: Visit) -> Turn:
    match event:
        case Start():
            scope_started(frame, visit)
            visit.enter(frame.state, frame.input)
            return _enter(state, visit)
        case WokenUp() if frame.phase is Phase.RETRYING:
            visit.begin_attempt()
            return _ENTER[type(state)](state, visit)
        case (
            WokenUp()
            | FunctionSucceeded()
            | FunctionFailed()
            | TokenSucceeded()
            | TokenFailed()
            | Heartbeat()
            | Joined()
            | JoinFailed()
        ):
            return _RESUME[type(state)](state, event, visit)
        case _:
            assert_never(event)


def _run_inline(states: Mapping[str, State], turn: Turn, visit: Visit) -> Outcome:
    """Go from state to state until one needs the world or the scope ends."""
    while isinstance(turn, Exited):
        exited = _EXITED[type(states[visit.name])]
        visit.record(exited, {"name": visit.name, "output": turn.output})
        if turn.next is None:
            return Succeeded(output=turn.output)
        visit.enter(turn.next, turn.output)
        if len(visit.events) >= MAXIMUM_EVENTS - 1:
            return _too_many_events()
        state = states[turn.next]
        try:
            turn = _enter(state, visit)
        except ExecutionError as error:
            turn = handle(state, error, visit)
    return turn


def _enter(state: State, visit: Visit) -> Turn:
    visit.record(_ENTERED[type(state)], {"name": visit.name, "input": visit.input})
    return _ENTER[type(state)](state, visit)


def _too_many_events() -> Failed:
    cause = f"The execution reached the maximum number of history events ({MAXIMUM_EVENTS})."
    return Failed(error=RUNTIME, cause=cause)
