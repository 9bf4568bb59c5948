"""The frame: one running scope of an execution, as the interpreter sees it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.language.json_value import Json, JsonObject


class Phase(StrEnum):
    """Where a frame is within its current state."""

    READY = "READY"
    """About to enter ``state``."""
    INVOKING = "INVOKING"
    """The function of a Task state is scheduled or running."""
    OFFERED = "OFFERED"
    """The task of an activity is scheduled; no worker has taken it yet."""
    SUBMITTED = "SUBMITTED"
    """The function has returned, or a worker of the activity has the task; the task token is still
    to be answered."""
    WAITING = "WAITING"
    """In a Wait state."""
    RETRYING = "RETRYING"
    """Waiting for the delay before a retry of ``state``."""
    JOINING = "JOINING"
    """The children of a Parallel or Map state run."""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    """Only of a child execution of type EXPRESS, which counts as failed but is told of as this."""
    ABORTED = "ABORTED"


class FrameKind(StrEnum):
    """What a frame is to its execution."""

    ROOT = "ROOT"
    BRANCH = "BRANCH"
    """A branch of a Parallel state."""
    ITERATION = "ITERATION"
    """An iteration of an inline Map."""
    CHILD_EXECUTION = "CHILD_EXECUTION"
    """An iteration of a distributed Map: an execution of its own in the history."""


ENDED = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.TIMED_OUT, Phase.ABORTED})

UNSUCCESSFUL = ENDED - {Phase.SUCCEEDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItem:
    """What ``$$.Map.Item`` shows inside an iteration; see ``Item``."""

    index: int
    value: Json
    key: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A function call that is scheduled; kept so that a redelivered message can make it.

    Attributes:
        resource: The Resource text.
        arguments: The effective input.
        role_arn: The role whose credentials it is made with, or None for the usual ones.
    """

    resource: str
    arguments: Json
    role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrive:
    """That an execution goes on after its end: for the how manieth time, and since when."""

    count: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame's own data; identity, version and claims belong to the ledger.

    Attributes:
        kind: What it is to its execution.
        scope: JSON pointer of its scope in the definition (see ``SubStateMachine.scope``).
        state: Program counter: name of the current state.
        phase: Where it is within that state.
        input: Raw input of the current state; in a frame that has succeeded, null.
        entered_at: Epoch seconds at which the current state was entered.
        retries: Retries made so far, one counter for each retrier of the current state.
        retry_count: ``$$.State.RetryCount``: retries of the current state in all.
        map_item: The item of the innermost Map iteration around it, or None.
        invocation: The scheduled function call or activity task, while INVOKING, OFFERED or
            SUBMITTED.
        token: The task token, while it may be answered.
        timeout_at: Epoch seconds at which the Task state times out, or None.
        heartbeat_seconds: Longest allowed silence in seconds, or None.
        heartbeat_at: Epoch seconds at which the silence is too long, or None.
        sleep_until: Epoch seconds at which a Wait or a retry delay ends, or None.
        variables: Those that the scope has assigned and those it began with, by name.
        redrive: The latest redrive of the execution that the frame knows of, or None.
        recorded: Events that its history has so far, as far as the frame knows.
        entered_event: Id of the event by which the current state was entered.
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

    def heard(self, at: float) -> "Frame":
        """The frame with a heartbeat that came at that time, if it still waits for heartbeats."""
        if self.heartbeat_at is None or self.heartbeat_seconds is None:
            return self
        return replace(self, heartbeat_at=max(self.heartbeat_at, at + self.heartbeat_seconds))

    @property
    def wake_at(self) -> float | None:
        """Epoch seconds at which the frame wants a ``WokenUp`` event if nothing else comes."""
        times = [at for at in (self.timeout_at, self.heartbeat_at, self.sleep_until) if at]
        return min(times, default=None)
