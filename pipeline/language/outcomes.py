"""What the interpreter asks for when a frame cannot go on by itself, and what it gets back.

An *outcome* leaves the interpreter; an *event* enters it. Both are closed unions: a ``match``
over either ends in ``assert_never``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pipeline.language.json_value import Json, JsonObject
from pipeline.language.map_run_plan import Batching, ItemSource, ResultTarget
from pipeline.language.resource import Resource


class FanOutKind(StrEnum):
    """Which state fanned out, and how its children are run."""

    PARALLEL = "PARALLEL"
    INLINE_MAP = "INLINE_MAP"
    DISTRIBUTED_MAP = "DISTRIBUTED_MAP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoke:
    """Call a function and report its result.

    Attributes:
        resource: What to call.
        arguments: The effective input.
        token: The task token the function may answer with, or None.
        deadline: Epoch seconds at which the state times out (or misses a heartbeat), or None.
        role_arn: The role whose credentials the call is made with, or None for the usual ones.
    """

    resource: Resource
    arguments: Json
    token: str | None
    deadline: float | None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Run child frames and report when all have ended.

    Attributes:
        kind: Which state asks.
        scopes: Scope of each child of a Parallel; the single scope of a Map's item processor.
        items: The elements of a Map's array, or the values of its object; None for a Parallel,
            whose children all get ``input``, and for a Map whose items are still to be read.
        keys: The keys of those values, or None for an array.
        input: Effective input of the state: a branch's input, ``$`` of an ItemSelector.
        total: Number of children; 0 while it is not known, because the items are still to be read
            or to be put together, and for an empty distributed Map.
        max_concurrency: Children at a time; 0 is unlimited.
        tolerated_failure_count: Failed children that are tolerated.
        tolerated_failure_percentage: Percentage of failed children that is tolerated.
        reader: Where the items of a Map are to be read, or None.
        batching: How its items are to be put together, or None for a child each.
        writer: What is to become of its results, or None.
    """

    kind: FanOutKind
    scopes: tuple[str, ...]
    items: list[Json] | None
    input: Json
    total: int
    max_concurrency: int
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0
    keys: tuple[str, ...] | None = None
    reader: ItemSource | None = None
    batching: Batching | None = None
    writer: ResultTarget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Wake the frame at a time: a Wait state, or the delay before a retry."""

    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitToken:
    """Nothing to do until the token is answered or the deadline (epoch seconds) passes.

    Without a token, until the nested execution has ended.
    """

    deadline: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Offer a task to the workers of an activity until one takes it or the deadline passes.

    Attributes:
        activity: ARN of the activity.
        arguments: The effective input, which the worker gets.
        deadline: Epoch seconds at which the state times out, or None.
    """

    activity: str
    arguments: Json
    deadline: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The frame has ended with this output."""

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The frame has ended with this error."""

    error: str
    cause: str


Outcome: TypeAlias = Invoke | Offer | FanOut | Sleep | AwaitToken | Succeeded | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Run a frame that has just been made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WokenUp:
    """A time the frame asked for may have come; the interpreter looks at its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSucceeded:
    """The function returned.

    Attributes:
        output: Its result.
        started_at: Epoch seconds at which the worker began the call.
    """

    output: Json
    started_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFailed:
    """The function failed; ``started_at`` is None when it could not even be called."""

    error: str
    cause: str
    started_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A worker of the activity has taken the task that was offered.

    Attributes:
        worker_name: What it calls itself, or None.
    """

    worker_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSucceeded:
    """The task token was answered with a result."""

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFailed:
    """The task token was answered with an error."""

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The holder of the task token reported that it is alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedSucceeded:
    """The execution that the Task state started and waits for has succeeded.

    Attributes:
        output: What describes it, with its output.
    """

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedFailed:
    """The execution that the Task state started and waits for has ended without success."""

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """All children have ended and not too many failed.

    Attributes:
        outputs: Output of each child in order; null for a tolerated failure.
        written: What tells where a ResultWriter has left the results, which is then the state's
            result instead of ``outputs``; or None.
    """

    outputs: list[Json]
    written: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFailed:
    """A child failed and that is not tolerated.

    Attributes:
        error: Error of the failed child, or States.ExceedToleratedFailureThreshold.
        cause: Its cause.
    """

    error: str
    cause: str


Event: TypeAlias = (
    Start
    | WokenUp
    | FunctionSucceeded
    | FunctionFailed
    | Taken
    | TokenSucceeded
    | TokenFailed
    | Heartbeat
    | NestedSucceeded
    | NestedFailed
    | Joined
    | JoinFailed
)
