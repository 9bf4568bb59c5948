"""The frame: one running scope of an execution, in the form that the interpreter uses."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.language.json_value import Json, JsonObject


class Phase(StrEnum):
    """The stage of a frame within its current state."""

    READY = "READY"
    """About to enter ``state``."""
    INVOKING = "INVOKING"
    """The function of a Task state is scheduled or running."""
    OFFERED = "OFFERED"
    """The task of an activity is scheduled; no worker has taken it yet."""
    SUBMITTED = "SUBMITTED"
    """The function has returned, or a worker of the activity has taken the task; the answer to the
    task token is still to come."""
    WAITING = "WAITING"
    """In a Wait state."""
    RETRYING = "RETRYING"
    """Waiting for the delay before a retry of ``state``."""
    JOINING = "JOINING"
    """The children of a Parallel or Map state run."""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    """Only for a child execution of type EXPRESS: it counts as failed, but reports this status."""
    ABORTED = "ABORTED"


class FrameKind(StrEnum):
    """The kind of scope that a frame runs."""

    ROOT = "ROOT"
    BRANCH = "BRANCH"
    """A branch of a Parallel state."""
    ITERATION = "ITERATION"
    """An iteration of an inline Map."""
    CHILD_EXECUTION = "CHILD_EXECUTION"
    """An iteration of a distributed Map, which is a child execution."""


ENDED = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.TIMED_OUT, Phase.ABORTED})

UNSUCCESSFUL = ENDED - {Phase.SUCCEEDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItem:
    """The value of ``$$.Map.Item`` inside an iteration; see ``Item``."""

    index: int
    value: Json
    key: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A scheduled function call, stored so that a redelivered message can make it.

    Attributes:
        resource: The text of the Resource field.
        arguments: The effective input.
        role_arn: The role whose credentials the call uses, or None for the default ones.
    """

    resource: str
    arguments: Json
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """A redrive of an execution: its number, counted from 1, and its time."""

    count: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame's own data; identity, version and claims belong to the ledger.

    Attributes:
        kind: The kind of its scope.
        scope: JSON pointer of its scope in the definition (see ``SubStateMachine.scope``).
        state: Program counter: name of the current state.
        phase: The stage within that state.
        input: Raw input of the current state; in a frame that has succeeded, null.
        entered_at: Epoch seconds at which the current state was entered.
        retries: How many retries each retrier of the current state has made.
        retry_count: ``$$.State.RetryCount``: the total of these.
        map_item: The item of the innermost enclosing Map iteration, or None.
        invocation: The scheduled function call or activity task, while INVOKING, OFFERED or
            SUBMITTED.
        token: The task token, while it may be answered.
        timeout_at: Epoch seconds at which the Task state times out, or None.
        heartbeat_seconds: The longest time between two heartbeats, in seconds, or None.
        heartbeat_at: Epoch seconds by which the next heartbeat must come, or None.
        sleep_until: Epoch seconds at which a Wait or a retry delay ends, or None.
        variables: The variables that the scope has assigned or inherited, by name.
        redrive: The latest redrive of the execution, as far as the frame knows, or None.
        recorded: How many events its history has, as far as the frame knows.
        entered_event: Id of the event that entered the current state.
        calls: How many function calls the frame has scheduled.
    """

    kind: FrameKind
    scope: str
    state: str
    phase: Phase = Phase.READY
    input: Json = None
    entered_at: float = 0.0
    retries: tuple[int, ...] = ()
    retry_count: int = 0
    map_item: MapItem | None = None
    invocation: Invocation | None = None
    token: str | None = None
    timeout_at: float | None = None
    heartbeat_seconds: int | None = None
    heartbeat_at: float | None = None
    sleep_until: float | None = None
    variables: JsonObject = field(default_factory=dict)
    redrive: Redrive | None = None
    recorded: int = 0
    entered_event: int = 0
    calls: int = 0

    def heard(self, at: float) -> "Frame":
        """The frame after a heartbeat at this time, if it still waits for heartbeats."""
        if self.heartbeat_at is None or self.heartbeat_seconds is None:
            return self
        return replace(self, heartbeat_at=max(self.heartbeat_at, at + self.heartbeat_seconds))

    @property
    def wake_at(self) -> float | None:
        """Epoch seconds at which it needs a ``WokenUp`` event, unless another comes first."""
        times = [at for at in (self.timeout_at, self.heartbeat_at, self.sleep_until) if at]
        return min(times, default=None)
