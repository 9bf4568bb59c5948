"""Runs a whole state machine in memory: functions are callables, time moves by hand."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from pipeline.interpreter.child_frames import batches_of, child_frame, item_at
from pipeline.interpreter.frame import Frame, FrameKind
from pipeline.interpreter.interpreter import Step, interpret, root_frame
from pipeline.interpreter.item import Item
from pipeline.language.context_object import ExecutionContext
from pipeline.language.definition import parse_definition
from pipeline.language.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, ExecutionError
from pipeline.language.evaluation import Sources
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json, JsonObject
from pipeline.language.outcomes import (
    AwaitToken,
    Event,
    Failed,
    FanOut,
    FanOutKind,
    FunctionFailed,
    FunctionSucceeded,
    Invoke,
    Joined,
    JoinFailed,
    Offer,
    Sleep,
    Start,
    Succeeded,
    Taken,
    WokenUp,
)
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.item_batcher import batch_input

STARTED_AT = 1_700_000_000.0
"""Epoch seconds at which every execution starts: 2023-11-14T22:13:20Z."""


@dataclass(frozen=True, slots=True)
class Takes:
    """What a function returns that needs time."""

    seconds: float
    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class PureExecution:
    """A finished execution; ``output`` or ``error`` and ``cause`` by its status."""

    status: str
    output: Json
    error: str
    cause: str
    events: tuple[HistoryEvent, ...]
    ended_at: float

    @property
    def event_types(self) -> list[str]:
        """The types of the events, in order."""
        return [event.type for event in self.events]

    def details(self, event_type: str) -> list[dict[str, Any]]:
        """The details of every event of the type, in order."""
        return [event.details for event in self.events if event.type == event_type]


@dataclass(slots=True, kw_only=True)
class PureEngine:
    """One execution of a machine.

    Attributes:
        machine: The definition.
        execution: What the context object tells.
        functions: What Task states call, by the Resource's action (``count_lines`` for a bare
            function ARN, ``invoke`` for ``lambda:invoke``); they raise ExecutionError to fail.
        answer: Gives the event that answers a task token and the seconds it takes, or None.
        now: Epoch seconds.
        events: The history so far.
    """

    machine: StateMachine
    execution: ExecutionContext
    functions: dict[str, Callable[[Any], Any]]
    answer: Callable[[str], tuple[Event, float] | None]
    now: float = STARTED_AT
    events: list[HistoryEvent] = field(default_factory=list)
    drawn: int = 0
    randomness: random.Random = field(default_factory=lambda: random.Random(7))

    def sources(self) -> Sources:
        """The time as it is, and numbered identifiers."""
        return Sources(
            now=self.now,
            random=self.randomness,
            uuid=lambda: f"00000000-0000-4000-8000-{self._draw():012}",
            token=lambda: f"token-{self._draw()}",
        )

    def _draw(self) -> int:
        self.drawn += 1
        return self.drawn

    def step(self, frame: Frame, event: Event) -> Step:
        """One call of the interpreter, its events added to the history."""
        # Frames run one after another here: each finds what the others have recorded.
        frame = replace(frame, recorded=len(self.events))
        step = interpret(self.machine, frame, event, self.execution, self.sources())
        self.events.extend(step.events)
        return step

    def run(self, frame: Frame) -> Succeeded | Failed:
        """Run a frame, its functions and its children to the end."""
        event: Event = Start()
        while True:
            step = self.step(frame, event)
            frame = step.frame
            match step.outcome:
                case Succeeded() | Failed() as ended:
                    return ended
                case Invoke() as invoke:
                    event = self._call(invoke)
                case Offer():
                    event = Taken(worker_name="pure")
                case Sleep() as sleep:
                    self.now = sleep.until
                    event = WokenUp()
                case AwaitToken() as waiting:
                    event = self._answer(frame, waiting)
                case FanOut() as fan_out:
                    event = self._join(frame, fan_out)
                case _ as never:
                    assert_never(never)

    def _call(self, invoke: Invoke) -> Event:
        started_at = self.now
        try:
            output = self.functions[invoke.resource.action](invoke.arguments)
        except ExecutionError as error:
            return FunctionFailed(error=error.error, cause=error.cause, started_at=started_at)
        if isinstance(output, Takes):
            if invoke.deadline is not None and self.now + output.seconds >= invoke.deadline:
                self.now = invoke.deadline
                return WokenUp()
            self.now += output.seconds
            output = output.output
        return FunctionSucceeded(output=output, started_at=started_at)

    def _answer(self, frame: Frame, waiting: AwaitToken) -> Event:
        answered = self.answer(frame.token or "")
        if answered is not None:
            event, seconds = answered
            if waiting.deadline is None or self.now + seconds < waiting.deadline:
                self.now += seconds
                return event
        assert waiting.deadline is not None, "nobody answers the token and nothing times out"
        self.now = waiting.deadline
        return WokenUp()

    def _join(self, parent: Frame, fan_out: FanOut) -> Joined | JoinFailed:
        """Run the children one after another, each as if it had started with the first."""
        began, ended_at = self.now, [self.now]
        outputs: list[Json] = []
        failures: list[Failed] = []
        for position, given in enumerate(self._given(parent, fan_out)):
            self.now = began
            ended = self._run_child(parent, position, given)
            ended_at.append(self.now)
            outputs.append(ended.output if isinstance(ended, Succeeded) else None)
            if isinstance(ended, Failed):
                failures.append(ended)
        self.now = max(ended_at)
        return _verdict(fan_out, outputs, failures)

    def _given(self, parent: Frame, fan_out: FanOut) -> Iterator[Item]:
        """What each child is made for."""
        count = fan_out.total if fan_out.items is None else len(fan_out.items)
        items = (item_at(fan_out, position) for position in range(count))
        plan = fan_out.batching
        if plan is None:
            yield from items
            return
        arguments = (self.machine, parent, items, plan, self.execution)
        for batch in batches_of(*arguments, self.sources()):
            yield Item(value=batch_input(batch, plan))

    def _run_child(self, parent: Frame, position: int, given: Item) -> Succeeded | Failed:
        arguments = (self.machine, parent, position, given, self.execution)
        try:
            child = child_frame(*arguments, self.sources())
        except ExecutionError as error:
            return Failed(error=error.error, cause=error.cause)
        own_history = self.events
        if child.kind is FrameKind.CHILD_EXECUTION:
            self.events = []
        try:
            return self.run(child)
        finally:
            self.events = own_history


def _verdict(fan_out: FanOut, outputs: list[Json], failures: list[Failed]) -> Joined | JoinFailed:
    allowed = fan_out.tolerated_failure_count
    share = fan_out.tolerated_failure_percentage
    tolerated = len(failures) <= allowed or 100 * len(failures) / fan_out.total <= share
    if not failures or tolerated:
        return Joined(outputs=outputs)
    if fan_out.kind is FanOutKind.DISTRIBUTED_MAP:
        return JoinFailed(error=EXCEED_TOLERATED_FAILURE_THRESHOLD, cause="")
    return JoinFailed(error=failures[0].error, cause=failures[0].cause)


def pure_engine(
    definition: JsonObject,
    execution_input: Json = None,
    functions: dict[str, Callable[[Any], Any]] | None = None,
    *,
    answer: Callable[[str], tuple[Event, float] | None] = lambda token: None,
    strict_limits: bool = True,
) -> PureEngine:
    """An engine for one execution; see ``PureEngine`` for the arguments."""
    machine = parse_definition(definition)
    arn = "arn:aws:states:eu-west-1:123456789012"
    execution = ExecutionContext(
        execution_arn=f"{arn}:execution:pure:one",
        execution_name="one",
        execution_input=execution_input,
        started_at=STARTED_AT,
        role_arn="arn:aws:iam::123456789012:role/pure",
        machine_arn=f"{arn}:stateMachine:pure",
        machine_name="pure",
        region="eu-west-1",
        strict_limits=strict_limits,
    )
    return PureEngine(
        machine=machine, execution=execution, functions=functions or {}, answer=answer
    )


def run_purely(
    definition: JsonObject,
    execution_input: Json = None,
    functions: dict[str, Callable[[Any], Any]] | None = None,
    *,
    answer: Callable[[str], tuple[Event, float] | None] = lambda token: None,
    strict_limits: bool = True,
) -> PureExecution:
    """Run a machine from its start to its end; see ``PureEngine`` for the arguments."""
    engine = pure_engine(
        definition, execution_input, functions, answer=answer, strict_limits=strict_limits
    )
    frame = root_frame(engine.machine, execution_input)
    assert frame.kind is FrameKind.ROOT
    ended = engine.run(frame)
    succeeded = isinstance(ended, Succeeded)
    return PureExecution(
        status="SUCCEEDED" if succeeded else "FAILED",
        output=ended.output if isinstance(ended, Succeeded) else None,
        error=ended.error if isinstance(ended, Failed) else "",
        cause=ended.cause if isinstance(ended, Failed) else "",
        events=tuple(engine.events),
        ended_at=engine.now,
    )


def in_sequence(**states: Mapping[str, Any]) -> dict[str, Any]:
    """A definition whose states follow each other in the order given, the last one ending it.

    A state that says itself where it goes, or that needs no Next, is left as it is.
    """
    names = list(states)
    linked: dict[str, Any] = {}
    for position, (name, state) in enumerate(states.items()):
        goes = "Next" in state or "End" in state or state["Type"] in ("Succeed", "Fail", "Choice")
        last = position == len(names) - 1
        link: dict[str, Any] = {"End": True} if last else {"Next": names[position + 1]}
        linked[name] = state if goes else {**state, **link}
    return {"StartAt": names[0], "States": linked}
