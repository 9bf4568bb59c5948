"""The outcomes by which the interpreter requests outside work, and the events that answer them.

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
    """The kind of state that fanned out."""

    PARALLEL = "PARALLEL"
    INLINE_MAP = "INLINE_MAP"
    DISTRIBUTED_MAP = "DISTRIBUTED_MAP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoke:
    """Call a function and report its result.

    Attributes:
        resource: The resource to call.
        arguments: The effective input.
        token: The task token with which an answer may come, or None.
        deadline: Epoch seconds at which the state times out (or misses a heartbeat), or None.
        role_arn: The role whose credentials the call uses, or None for the default ones.
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
        kind: The kind of the state.
        scopes: The scope of each branch of a Parallel; the one scope of a Map's item processor.
        items: The elements of a Map's array, or the values of its object; None for a Parallel,
            whose children all get ``input``, and for a Map whose items are not read yet.
        keys: The keys of those values, or None for an array.
        input: Effective input of the state, which is a branch's input and ``$`` of an ItemSelector.
        total: Number of children; 0 for an empty distributed Map, and as long as items are not read
            or batched.
        max_concurrency: How many children run at a time; 0 for no limit.
        tolerated_failure_count: How many failed items are tolerated.
        tolerated_failure_percentage: The percentage of failed items that is tolerated.
        reader: The source of a Map's items, or None.
        batching: How to batch its items; None for one child an item.
        writer: The target of its results, or None.
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
    """Wait until the token is answered or the deadline (epoch seconds) passes.

    Without a token, wait until the nested execution ends.
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
    """Run a new frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WokenUp:
    """A time that the frame waits for may have come; the interpreter checks the clock."""


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
    """The function failed; ``started_at`` is None if it could not be called."""

    error: str
    cause: str
    started_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A worker of the activity has taken the offered task.

    Attributes:
        worker_name: Its name, or None.
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
        output: Its description, including its output.
    """

    output: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedFailed:
    """The execution that the Task state started and waits for has ended without success."""

    error: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """All children have ended, and the failures are tolerated.

    Attributes:
        outputs: Output of each child in order; null for a tolerated failure.
        written: The result of a ResultWriter, which replaces ``outputs`` as the state's result; or
            None.
    """

    outputs: list[Json]
    written: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFailed:
    """A child failed, and the state does not tolerate it.

    Attributes:
        error: The error of the failed child, or States.ExceedToleratedFailureThreshold.
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
