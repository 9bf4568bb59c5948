"""EXPRESS executions: a whole execution in memory, in the thread that asks for it.

There are no frames and no history in the ledger (AWS Step Functions Developer Guide, "Differences
between Standard and Express workflows"): when the worker is lost, the execution is lost with it, or
its caller runs it again from the start.
"""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from pipeline.engine.engine import Engine
from pipeline.executor.express.calls import call_within
from pipeline.executor.express.stopping import Stop, Stopped
from pipeline.executor.lane_counts import lanes_at_a_time
from pipeline.executor.new_children import failed_creation_events
from pipeline.interpreter.child_frames import child_frame, item_at
from pipeline.interpreter.frame import Frame
from pipeline.interpreter.interpreter import interpret
from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import RUNTIME, TIMEOUT, ExecutionError
from pipeline.language.history_event import HistoryEvent, dead_end_of
from pipeline.language.json_value import Json
from pipeline.language.outcomes import (
    AwaitToken,
    Event,
    Failed,
    FanOut,
    FanOutKind,
    Invoke,
    Joined,
    JoinFailed,
    Offer,
    Sleep,
    Start,
    Succeeded,
    WokenUp,
)
from pipeline.language.state_machine import StateMachine
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.rows import ExecutionStatus

MAX_SECONDS = 300.0
"""How long an EXPRESS execution may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressEvents:
    """Events of one frame, which nothing came between.

    Attributes:
        frame_id: Unique within the execution.
        parent_id: The frame whose Parallel or Map state has begun this one, or None.
        ends: Whether these are the frame's last events.
    """

    frame_id: str
    parent_id: str | None
    ends: bool
    events: Sequence[HistoryEvent]

    @property
    def dead_end(self) -> str | None:
        """Type of the last event if no event of the frame can follow it."""
        return dead_end_of(self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressResult:
    """How an EXPRESS execution has ended.

    Attributes:
        history: Its events in the order in which they happened.
        stopped_at: Epoch seconds.
    """

    status: ExecutionStatus
    output: Json
    error: str | None
    cause: str | None
    history: Sequence[ExpressEvents]
    stopped_at: float


def run_express(
    engine: Engine,
    machine: StateMachine,
    frame: Frame,
    execution: ExecutionContext,
    *,
    frame_id: str,
) -> ExpressResult:
    """Run a frame to its end, with everything below it: functions, waits, branches, iterations.

    Args:
        engine: Of a worker: it calls the functions.
        machine: The definition.
        frame: A frame that is about to start: the root, or the child of a distributed Map.
        execution: For the context object.
        frame_id: Any unique id.
    """
    limit = min(machine.timeout_seconds or MAX_SECONDS, MAX_SECONDS)
    stop = Stop(engine.clock, engine.clock() + limit)
    run = _Run(engine=engine, machine=machine, execution=execution)
    try:
        with stop.part() as whole:
            outcome = run.frame(frame, frame_id, None, whole)
    except Stopped:
        now = engine.clock()
        details = {"error": TIMEOUT}
        timed_out = HistoryEvent(type="ExecutionTimedOut", timestamp=now, details=details)
        run.record(frame_id, None, [timed_out], ends=True)
        return run.result(ExecutionStatus.TIMED_OUT, error=TIMEOUT)
    if isinstance(outcome, Succeeded):
        return run.result(ExecutionStatus.SUCCEEDED, output=outcome.output)
    return run.result(ExecutionStatus.FAILED, error=outcome.error, cause=outcome.cause)


@dataclass(slots=True, kw_only=True)
class _Run:
    """What the threads of one execution share."""

    engine: Engine
    machine: StateMachine
    execution: ExecutionContext
    history: list[ExpressEvents] = field(default_factory=list)
    recorded: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def frame(
        self, frame: Frame, frame_id: str, parent_id: str | None, stop: Stop
    ) -> Succeeded | Failed:
        """Run a frame to its end.

        Raises:
            Stopped: It was stopped.
        """
        event: Event = Start()
        for number in itertools.count():
            sources = self.engine.sources(frame_id)
            known = replace(frame, recorded=self.recorded)
            step = interpret(self.machine, known, event, self.execution, sources)
            stop.check()
            frame, outcome = step.frame, step.outcome
            ended = isinstance(outcome, Succeeded | Failed)
            self.record(frame_id, parent_id, step.events, ends=ended)
            match outcome:
                case Succeeded() | Failed():
                    return outcome
                case Invoke():
                    event = call_within(self.engine, frame, self.execution, frame_id, stop)
                case Sleep():
                    stop.wait(threading.Event(), outcome.until)
                    event = WokenUp()
                case FanOut(kind=FanOutKind.DISTRIBUTED_MAP) | AwaitToken() | Offer():
                    return _unsupported(frame)
                case FanOut():
                    fan_out_id = f"{frame_id}-{number}"
                    event = _Children(self, frame, frame_id, outcome, fan_out_id).join(stop)
                case _:
                    assert_never(outcome)
        raise AssertionError("a frame ends")

    def record(
        self,
        frame_id: str,
        parent_id: str | None,
        events: Sequence[HistoryEvent],
        *,
        ends: bool = False,
    ) -> None:
        """Add to the history."""
        if not events:
            return
        more = ExpressEvents(frame_id=frame_id, parent_id=parent_id, ends=ends, events=events)
        with self.lock:
            self.recorded += len(events)
            self.history.append(more)

    def result(
        self,
        status: ExecutionStatus,
        *,
        output: Json = None,
        error: str | None = None,
        cause: str | None = None,
    ) -> ExpressResult:
        """Its result so far."""
        return ExpressResult(
            status=status,
            output=output,
            error=error or None,
            cause=cause or None,
            history=tuple(self.history),
            stopped_at=self.engine.clock(),
        )


def _unsupported(frame: Frame) -> Failed:
    """What creation rejects, but a definition that was stored before may hold."""
    cause = f"The state '{frame.state}' is not supported by EXPRESS executions."
    return Failed(error=RUNTIME, cause=cause)


class _Children:
    """The branches of a Parallel state or the iterations of a Map state, each in a thread."""

    def __init__(
        self, run: _Run, parent: Frame, parent_id: str, fan_out: FanOut, fan_out_id: str
    ) -> None:
        self._run = run
        self._parent = parent
        self._parent_id = parent_id
        self._fan_out = fan_out
        self._fan_out_id = fan_out_id
        self._lock = threading.Lock()
        self._positions = iter(range(fan_out.total))
        self._outputs: list[Json] = [None] * fan_out.total
        self._left = fan_out.total
        self._failure: Failed | None = None
        self._trouble: BaseException | None = None
        self._over = threading.Event()

    def join(self, stop: Stop) -> Joined | JoinFailed:
        """Run them all, until one fails, which ends the others.

        Raises:
            Stopped: It was stopped.
        """
        with stop.part() as part:
            for number in range(self._lanes()):
                name = f"{self._fan_out_id}.lane{number}"
                # An abandoned call must not keep the process alive.
                threading.Thread(target=self._lane, args=(part,), name=name, daemon=True).start()
            if self._left:
                stop.wait(self._over)
        if self._trouble is not None:
            raise self._trouble
        if self._failure is not None:
            return JoinFailed(error=self._failure.error, cause=self._failure.cause)
        return Joined(outputs=self._outputs)

    def _lanes(self) -> int:
        total = self._fan_out.total
        if self._fan_out.kind is FanOutKind.PARALLEL:
            return total
        limit = self._run.engine.settings.lane_limit
        return min(lanes_at_a_time(self._fan_out.max_concurrency, limit), total)

    def _lane(self, stop: Stop) -> None:
        """Run one child after another."""
        try:
            while (position := self._next()) is not None:
                self._ended(position, self._child(position, stop))
        except Stopped:
            return
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that joins
            self._trouble = error
            self._over.set()

    def _next(self) -> int | None:
        with self._lock:
            return None if self._failure else next(self._positions, None)

    def _child(self, position: int, stop: Stop) -> Succeeded | Failed:
        run, child_id = self._run, str(ChildId(self._fan_out_id, position))
        try:
            child = child_frame(
                run.machine,
                self._parent,
                position,
                item_at(self._fan_out, position),
                run.execution,
                run.engine.sources(child_id),
            )
        except ExecutionError as error:
            events = failed_creation_events(self._parent.state, position, run.engine.clock())
            run.record(child_id, self._parent_id, events, ends=True)
            return Failed(error=error.error, cause=error.cause)
        return run.frame(child, child_id, self._parent_id, stop)

    def _ended(self, position: int, outcome: Succeeded | Failed) -> None:
        with self._lock:
            self._left -= 1
            if isinstance(outcome, Succeeded):
                self._outputs[position] = outcome.output
            elif self._failure is None:
                self._failure = outcome
            if self._failure or not self._left:
                self._over.set()
