"""Rows of the ledger as frozen values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.interpreter.frame import ENDED, Phase

LANES_OF_AN_ATTEMPT = 100_000
"""Lanes of the first redrive of a fan-out are numbered from here on, those of the second from twice
this number, and so on. The number shows that no chord counts such a lane."""


class MissingRow(Exception):
    """A row that another row or a message refers to is not in the ledger."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"The ledger does not hold {self.name}."


class ExecutionStatus(StrEnum):
    """Status of an execution, in AWS's words."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"
    """A child execution that a redriven map run has not begun again yet."""


class FanOutStatus(StrEnum):
    """Status of a fan-out, in the words that AWS has for a map run."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRow:
    """One execution; ``input`` and ``output`` are packed, times are epoch seconds."""

    id: str
    arn: str
    name: str
    machine_arn: str
    machine_name: str
    definition_id: str
    status: ExecutionStatus
    input: bytes
    started_at: float
    output: bytes | None = None
    error: str | None = None
    cause: str | None = None
    stopped_at: float | None = None
    deadline_at: float | None = None
    version_arn: str | None = None
    alias_arn: str | None = None
    revision_id: str | None = None
    trace_header: str | None = None
    redrive_count: int = 0
    redriven_at: float | None = None
    caller_frame_id: str | None = None
    caller_version: int | None = None
    caller_call: str | None = None
    is_awaited: bool = False
    look_at: float | None = None

    @property
    def listed_at(self) -> float:
        """The time by which lists are ordered: of its end, or of its latest start or redrive."""
        return self.stopped_at or self.redriven_at or self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnd:
    """How an execution ends.

    Attributes:
        output: Packed.
        is_announced: Whether the outbox announces it.
        stopped_at: Epoch seconds.
        look_at: Epoch seconds at which the sweeper reports the end to the frame that waits for
            it, if there is one and nothing has reported it before.
    """

    status: ExecutionStatus
    stopped_at: float
    output: bytes | None = None
    error: str | None = None
    cause: str | None = None
    is_announced: bool = False
    look_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim of a worker on a frame.

    The sweeper may free the frame of a worker that was silent for a while, and the same worker may
    claim it again, even at the same version: ``losses`` tells the two claims apart.
    """

    frame_id: str
    worker_id: str
    version: int
    losses: int
    redrive_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One frame in the ledger; ``body`` is None until its first transition."""

    id: str
    execution_id: str
    history_id: str
    fan_out_id: str | None = None
    position: int | None = None
    lane: int | None = None
    turn: int | None = None
    version: int = 0
    phase: Phase = Phase.READY
    body: bytes | None = None
    output: bytes | None = None
    error: str | None = None
    cause: str | None = None
    claimed_by: str | None = None
    wake_at: float | None = None
    wake_ups: int = 0
    losses: int = 0
    item_count: int = 1
    activity_arn: str | None = None
    offered_at: float | None = None
    heard_at: float | None = None
    redrive_count: int = 0

    @property
    def claim(self) -> Claim | None:
        """The claim on it, if a worker has one."""
        if self.claimed_by is None:
            return None
        return Claim(
            frame_id=self.id,
            worker_id=self.claimed_by,
            version=self.version,
            losses=self.losses,
            redrive_count=self.redrive_count,
        )

    @property
    def waits_for_lane(self) -> bool:
        """Whether it was redriven, and begins again when a lane takes it."""
        return self.fan_out_id is not None and self.lane is None and not self.has_ended

    @property
    def has_failed(self) -> bool:
        """Whether it has ended with an error of its own."""
        return self.phase in (Phase.FAILED, Phase.TIMED_OUT)

    @property
    def has_ended(self) -> bool:
        """Whether no event can move it any more."""
        return self.phase in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutRow:
    """One fan-out: the children of one Parallel or Map state, entered once.

    Attributes:
        id: ``<frame id>-<version>`` of the frame that fanned out.
        history_id: The history of its children, unless each is a child execution.
        taken: How many children the lanes have begun so far.
        lanes: How many children run at a time.
        shared: Packed input that all children share: the array or object of a Map, the input of a
            Parallel.
        group_id: Group of its chord, known once a lane has begun.
        seat: The packed seat of the frame that fanned out.
        pre_snapshot, results, post_snapshot: Packed results of the finished stages of a distributed
            Map.
        is_read: Whether the children, and with them ``total``, are known.
        reader: Packed plan of reading the items, or None.
        batching: Packed plan of batching the items, or None.
        item_count: How many items all batches hold; None without batches.
        failures: Items of failed children of the latest attempt.
        writer: Packed target of the results, or None.
        transformation: ResultWriter's Transformation, or None.
        error, cause: The error of reading the items or of writing the results, or None.
        arn: ARN of the map run of a distributed Map, or None.
        started_at, stopped_at: Epoch seconds.
        max_concurrency: The MaxConcurrency of the state or the map run; 0 for no limit.
        width: How many lanes may take items, if that changed while they ran; None otherwise. The
            chord does not ring reliably after such a change, so each lane that ends checks whether
            to join.
        redrive_count, redriven_at: The number of its redrives, and the time of the last one (epoch
            seconds).
    """

    id: str
    frame_id: str
    execution_id: str
    history_id: str
    kind: str
    state: str
    total: int
    taken: int
    lanes: int
    is_open: bool
    shared: bytes
    group_id: str | None
    seat: bytes
    tolerated_count: int
    tolerated_percentage: float
    pre_snapshot: bytes | None
    results: bytes | None
    post_snapshot: bytes | None
    is_read: bool = True
    reader: bytes | None = None
    batching: bytes | None = None
    item_count: int | None = None
    failures: int = 0
    writer: bytes | None = None
    transformation: str | None = None
    error: str | None = None
    cause: str | None = None
    arn: str | None = None
    status: FanOutStatus = FanOutStatus.RUNNING
    started_at: float = 0.0
    stopped_at: float | None = None
    max_concurrency: int = 0
    width: int | None = None
    redrive_count: int = 0
    redriven_at: float | None = None

    @property
    def first_lane(self) -> int:
        """Number of the first lane of the latest attempt; those of earlier ones take nothing."""
        return self.redrive_count * LANES_OF_AN_ATTEMPT

    @property
    def is_paged(self) -> bool:
        """Whether the items of its children lie in pages (see ``item_pages``)."""
        return self.reader is not None or self.batching is not None

    @property
    def items(self) -> int:
        """How many items there are in all."""
        return self.total if self.item_count is None else self.item_count


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryBatch:
    """The events of one transition, packed.

    Attributes:
        parent_id: The frame whose fan-out ``frame_id`` belongs to, or None.
        ends: Whether these are the frame's last events.
        dead_end: Type of the last event if no event of the frame can follow it, or None.
        length: How many events these are.
    """

    history_id: str
    frame_id: str
    parent_id: str | None
    ends: bool
    length: int
    events: bytes
    dead_end: str | None = None


def values_of(row: ExecutionRow | FrameRow | FanOutRow | HistoryBatch) -> dict[str, Any]:
    """The columns of a row, as a statement takes them."""
    return {name: getattr(row, name) for name in row.__slots__}
