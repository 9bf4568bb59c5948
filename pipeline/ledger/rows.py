"""Rows of the ledger as frozen values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.frame import ENDED, Phase


class ExecutionStatus(StrEnum):
    """Status of an execution, in AWS's words."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRow:
    """One frame as the ledger knows it; ``body`` is None until its first transition."""

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

    @property
    def has_ended(self) -> bool:
        """Whether no event can move it any more."""
        return self.phase in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutRow:
    """One fan-out: the children of one Parallel or Map state, entered once.

    Attributes:
        id: ``<frame id>-<version>`` of the frame that fanned out.
        history_id: History that children belong to, unless each is an execution of its own.
        taken: How many items the lanes have taken so far.
        lanes: How many children run at a time.
        shared: Packed, what all children share: the array of a Map, the input of a Parallel; where
            the items of a Map are read from elsewhere, what names them.
        group_id: Group of its chord, known once a lane has begun.
        seat: The packed seat of the frame that fanned out.
        pre_snapshot, results, post_snapshot: Packed; the stages of a distributed Map done so far.
        is_read: Whether the items, and with them ``total``, are known.
        item_pages: Where the items that were read lie (see ``item_pages``), or None.
        writer: Packed, where the results are to be written, or None.
        error, cause: Why the items could not be read or the results not be written, or None.
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
    item_pages: bytes | None = None
    writer: bytes | None = None
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryBatch:
    """The events of one transition, packed.

    Attributes:
        parent_id: The frame whose fan-out ``frame_id`` belongs to, or None.
        ends: Whether these are the frame's last events.
    """

    history_id: str
    frame_id: str
    parent_id: str | None
    ends: bool
    events: bytes


def values_of(row: ExecutionRow | FrameRow | FanOutRow | HistoryBatch) -> dict[str, Any]:
    """The columns of a row, as a statement takes them."""
    return {name: getattr(row, name) for name in row.__slots__}
