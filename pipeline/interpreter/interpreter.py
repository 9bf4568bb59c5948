"""The interpreter: a pure function from a frame and an event to the next frame.

It runs states one after another in memory until an outcome needs the outside world or the frame
ends, and returns the history events of these states. It reads no clock, draws no random number and
does no I/O (``Sources`` are passed in).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from pipeline.interpreter.frame import Frame, FrameKind, Phase
from pipeline.interpreter.scope_events import scope_failed, scope_started, scope_succeeded
from pipeline.interpreter.visits import close_visit, open_visit
from pipeline.language.context_object import ExecutionContext
from pipeline.language.error_handling import handle
from pipeline.language.errors import RUNTIME, ExecutionError
from pipeline.language.evaluation import Sources
from pipeline.language.history_event import ASSIGNED_VARIABLES, HistoryEvent
from pipeline.language.json_value import Json, JsonObject
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
    NestedFailed,
    NestedSucceeded,
    Offer,
    Outcome,
    Sleep,
    Start,
    Succeeded,
    Taken,
    TokenFailed,
    TokenSucceeded,
    WokenUp,
)
from pipeline.language.resource import parse_resource
from pipeline.language.state_machine import State, StateMachine
from pipeline.language.states import choice, fail, parallel, pass_, succeed, task, wait
from pipeline.language.states import map as map_
from pipeline.language.states.common import ErrorHandling
from pipeline.language.visit import Exited, Turn, Visit

MAX_EVENTS = 25_000
"""AWS's limit of history events. The last event of a longer execution reports its failure."""

ENTER: dict[type[State], Callable[[Any, Visit], Turn]] = {
    choice.Choice: choice.enter,
    fail.Fail: fail.enter,
    map_.Map: map_.enter,
    parallel.Parallel: parallel.enter,
    pass_.Pass: pass_.enter,
    succeed.Succeed: succeed.enter,
    task.Task: task.enter,
    wait.Wait: wait.enter,
}
"""The function that enters a state, by its type."""

RESUME: dict[type[State], Callable[[Any, Any, Visit], Turn]] = {
    map_.Map: map_.resume,
    parallel.Parallel: parallel.resume,
    task.Task: task.resume,
    wait.Wait: wait.resume,
}
"""The function that resumes a state that needed the outside world, by its type."""

_ENTERED = {state: f"{state.__name__}StateEntered" for state in ENTER}
_EXITED = {state: f"{state.__name__}StateExited" for state in ENTER}

_CALLING = frozenset({Phase.INVOKING})
_OFFERED = frozenset({Phase.OFFERED})
_ANSWERABLE = frozenset({Phase.INVOKING, Phase.SUBMITTED})
_JOINING = frozenset({Phase.JOINING})
_PHASES: dict[type[Event], frozenset[Phase]] = {
    Start: frozenset({Phase.READY}),
    WokenUp: _ANSWERABLE | _OFFERED | {Phase.WAITING, Phase.RETRYING},
    FunctionSucceeded: _CALLING,
    FunctionFailed: _CALLING | _OFFERED,
    Taken: _OFFERED,
    TokenSucceeded: _ANSWERABLE,
    TokenFailed: _ANSWERABLE,
    Heartbeat: _ANSWERABLE,
    NestedSucceeded: _ANSWERABLE,
    NestedFailed: _ANSWERABLE,
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
    """The frame's phase does not expect this event."""

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


def interpret(
    machine: StateMachine,
    frame: Frame,
    event: Event,
    execution: ExecutionContext,
    sources: Sources,
) -> Step:
    """Give an event to a frame, and run it until it needs the outside world or ends.

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
    outcome = _limited(_outcome(frame, states, event, visit), frame, visit)
    return Step(
        frame=close_visit(frame, visit, states[visit.name], outcome),
        outcome=outcome,
        events=tuple(visit.events),
    )


def _outcome(frame: Frame, states: Mapping[str, State], event: Event, visit: Visit) -> Outcome:
    state = states[frame.state]
    visit.may_retry = isinstance(state, ErrorHandling)
    try:
        turn = _react(frame, state, event, visit)
    except ExecutionError as error:
        turn = handle(state, error, visit, is_of_children=isinstance(event, JoinFailed))
    outcome = _run_inline(states, turn, visit)
    if isinstance(outcome, Succeeded):
        scope_succeeded(frame, outcome.output, visit)
    elif isinstance(outcome, Failed):
        scope_failed(frame, outcome.error, outcome.cause, visit)
    return outcome


def _limited(outcome: Outcome, frame: Frame, visit: Visit) -> Outcome:
    """The outcome; a failure if the history has no room for it.

    An execution that continues needs room for one more event: the one that ends it.
    """
    ended = isinstance(outcome, Succeeded | Failed)
    if visit.length <= (MAX_EVENTS if ended else MAX_EVENTS - 1):
        return outcome
    failed = _too_many_events()
    del visit.events[max(MAX_EVENTS - 1 - visit.recorded, 0) :]
    scope_failed(frame, failed.error, failed.cause, visit)
    return failed


def _is_due(frame: Frame, now: float) -> bool:
    return frame.wake_at is not None and now >= frame.wake_at


def _undisturbed(frame: Frame, event: WokenUp | Heartbeat, now: float) -> Step:
    """The same outcome again: the wake-up came too early, or the heartbeat came in time."""
    if isinstance(event, Heartbeat) and frame.heartbeat_seconds is not None:
        frame = replace(frame, heartbeat_at=now + frame.heartbeat_seconds)
    outcome: Outcome = AwaitToken(deadline=frame.wake_at)
    if frame.sleep_until is not None:
        outcome = Sleep(until=frame.sleep_until)
    elif frame.phase is Phase.OFFERED and frame.invocation:
        call = frame.invocation
        outcome = Offer(activity=call.resource, arguments=call.arguments, deadline=frame.wake_at)
    elif isinstance(event, WokenUp) and frame.phase is Phase.INVOKING and frame.invocation:
        outcome = Invoke(
            resource=parse_resource(frame.invocation.resource),
            arguments=frame.invocation.arguments,
            token=frame.token,
            deadline=frame.wake_at,
            role_arn=frame.invocation.role_arn,
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
            return ENTER[type(state)](state, visit)
        case (
            WokenUp()
            | FunctionSucceeded()
            | FunctionFailed()
            | Taken()
            | TokenSucceeded()
            | TokenFailed()
            | Heartbeat()
            | NestedSucceeded()
            | NestedFailed()
            | Joined()
            | JoinFailed()
        ):
            return RESUME[type(state)](state, event, visit)
        case _:
            assert_never(event)


def _run_inline(states: Mapping[str, State], turn: Turn, visit: Visit) -> Outcome:
    """Run state after state until one needs the outside world or the scope ends."""
    while isinstance(turn, Exited):
        exited = _EXITED[type(states[visit.name])]
        details: JsonObject = {"name": visit.name, "output": turn.output}
        if turn.assigned:
            details[ASSIGNED_VARIABLES] = turn.assigned
            visit.variables = {**visit.variables, **turn.assigned}
        visit.record(exited, details)
        if turn.next is None:
            return Succeeded(output=turn.output)
        visit.enter(turn.next, turn.output)
        if visit.length >= MAX_EVENTS:
            return _too_many_events()
        state = states[turn.next]
        try:
            turn = _enter(state, visit)
        except ExecutionError as error:
            turn = handle(state, error, visit)
    return turn


def _enter(state: State, visit: Visit) -> Turn:
    visit.record(_ENTERED[type(state)], {"name": visit.name, "input": visit.input})
    visit.entered_event = visit.length
    visit.may_retry = isinstance(state, ErrorHandling)
    return ENTER[type(state)](state, visit)


def _too_many_events() -> Failed:
    cause = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
    return Failed(error=RUNTIME, cause=cause)
