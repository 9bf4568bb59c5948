"""The interpreter: a pure function from a frame and an event to the next frame.

It runs states one after another in memory until an outcome needs the outside world or the frame
ends, and yields the history events of what it did. It reads no clock, draws no random number and
does no I/O (``Sources`` are passed in).
"""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.frame import Frame
from pipeline.language.definition import StateMachine
from pipeline.language.evaluation import Sources
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Event, FanOut, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """What the context object tells about the execution and its machine.

    Attributes:
        execution_arn, execution_name, execution_input, started_at: ``$$.Execution``;
            ``started_at`` in epoch seconds.
        role_arn: ``$$.Execution.RoleArn``.
        redrive_count: ``$$.Execution.RedriveCount``.
        machine_arn, machine_name: ``$$.StateMachine``.
        region: AWS region shown in TaskScheduled events.
        strict_limits: Whether a state's input and output are held to 256 KiB.
    """

    execution_arn: str
    execution_name: str
    execution_input: Json
    started_at: float
    role_arn: str
    machine_arn: str
    machine_name: str
    region: str
    redrive_count: int = 0
    strict_limits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The result of one call of the interpreter."""

    frame: Frame
    outcome: Outcome
    events: tuple[HistoryEvent, ...]
