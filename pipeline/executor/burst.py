"""A burst: one frame between two commits, and the transition that the commit writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.engine.claims import claimed
from pipeline.engine.engine import Engine
from pipeline.executor.aborted_events import aborted_events
from pipeline.executor.log_targets import is_logged_from_now
from pipeline.executor.origins import (
    AnyClaim,
    EndedFanOut,
    ExpressChild,
    FailedCreation,
    NewExecution,
    Origin,
)
from pipeline.interpreter.frame import ENDED, Frame, Phase
from pipeline.interpreter.frame_codec import encode_events, encode_frame
from pipeline.language.context_object import ExecutionContext
from pipeline.language.history_event import HistoryEvent, dead_end_of
from pipeline.language.json_value import JsonObject
from pipeline.language.outcomes import Event, Failed, Offer, Outcome, Start, Succeeded
from pipeline.language.state_machine import StateMachine
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import (
    ExecutionEnd,
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FanOutStatus,
    FrameRow,
    HistoryBatch,
)
from pipeline.ledger.transition import FanOutEnd, Transition, commit


@dataclass(slots=True, kw_only=True)
class Burst:
    """A frame on its way from one commit to the next.

    Attributes:
        machine, execution: What it runs.
        row: The row as the ledger has it.
        frame: The frame as it is by now.
        event: What sets it going.
        events: History that is not committed yet.
        origin: What the first commit has to do besides moving the frame, or how the frame begins;
            None for the event alone.
    """

    machine: StateMachine
    execution: ExecutionContext
    row: FrameRow
    frame: Frame
    event: Event = field(default_factory=Start)
    events: list[HistoryEvent] = field(default_factory=list)
    origin: Origin | None = None

    @property
    def starts(self) -> ExecutionRow | None:
        """The execution that the next commit writes."""
        return self.origin.row if isinstance(self.origin, NewExecution) else None

    @property
    def closes(self) -> str | None:
        """Id of the fan-out that the next commit closes."""
        return self.origin.fan_out_id if isinstance(self.origin, EndedFanOut) else None

    @property
    def next_version(self) -> int:
        """The version that the next commit gives the frame."""
        return self.row.version if self.starts else self.row.version + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """A commit has started or ended an execution, which is still to be announced."""

    execution: ExecutionRow
    has_ended: bool


def commit_burst(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    *,
    claimed_by: str | None = None,
    wake_at: float | None = None,
    opens: FanOutRow | None = None,
) -> StatusChanged | None:
    """Write everything the burst has done in one transaction, and begin the next burst.

    Returns:
        What the caller must announce, or None.

    Raises:
        Overtaken: Another message has moved the frame; nothing was written.
        ObjectStoreError: A large value could not be stored; nothing was written.
    """
    row = _next_row(engine, burst, outcome, claimed_by, wake_at)
    transition = Transition(
        row=row,
        claimed_by=burst.row.claimed_by,
        any_claim=isinstance(burst.origin, AnyClaim),
        batch=_batch(engine, burst, opens),
        starts=burst.starts,
        opens=opens,
        closes=_fan_out_end(engine, burst),
        ends=_execution_end(engine, row),
        describe_aborted=lambda rows: aborted_history(engine, rows),
        is_announced=engine.settings.status_events,
        is_logged=is_logged_from_now(engine, _execution_row(engine, burst), burst.events),
        abandoned_at=_abandoned_at(burst),
    )
    # A commit that was cut off may have claimed the frame at its next version.
    with claimed(engine, lambda: row):
        commit(engine.database, transition)
    has_ended = row.fan_out_id is None and row.has_ended
    changed = _execution_row(engine, burst) if burst.starts or has_ended else None
    burst.row, burst.events = row, []
    if not isinstance(burst.origin, FailedCreation | ExpressChild):
        burst.origin = None
    return None if changed is None else StatusChanged(execution=changed, has_ended=has_ended)


def _execution_row(engine: Engine, burst: Burst) -> ExecutionRow:
    """The row of the burst's execution as it was when the execution began."""
    return burst.starts or engine.executions.cached(burst.row.execution_id).row_when_cached


def _next_row(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    claimed_by: str | None,
    wake_at: float | None,
) -> FrameRow:
    pack = engine.pack(burst.row.execution_id)
    return replace(
        burst.row,
        version=burst.next_version,
        phase=burst.frame.phase,
        body=encode_frame(burst.frame, pack) if _is_kept(burst) else None,
        output=pack(outcome.output) if isinstance(outcome, Succeeded) else None,
        error=outcome.error if isinstance(outcome, Failed) else None,
        cause=outcome.cause if isinstance(outcome, Failed) else None,
        claimed_by=claimed_by,
        wake_at=wake_at,
        wake_ups=0,
        losses=burst.row.losses if _is_begun_again(burst) else 0,
        activity_arn=outcome.activity if isinstance(outcome, Offer) else None,
        offered_at=engine.clock() if isinstance(outcome, Offer) else None,
    )


def _is_begun_again(burst: Burst) -> bool:
    """Whether the frame makes its first call, which was perhaps what its worker was lost with."""
    return burst.row.phase is Phase.READY and burst.frame.phase is Phase.INVOKING


def _is_kept(burst: Burst) -> bool:
    """Whether the frame is still to move, or could when its execution is redriven."""
    if isinstance(burst.origin, FailedCreation | ExpressChild):
        return False  # it begins anew then
    return burst.frame.phase is not Phase.SUCCEEDED


def _fan_out_end(engine: Engine, burst: Burst) -> FanOutEnd | None:
    if burst.closes is None:
        return None
    # The first of these events decides: later states may have added others. A full history has
    # none.
    ends = (_FAN_OUT_ENDS[event.type] for event in burst.events if event.type in _FAN_OUT_ENDS)
    status = next(ends, FanOutStatus.FAILED)
    return FanOutEnd(fan_out_id=burst.closes, status=status, stopped_at=engine.clock())


def _abandoned_at(burst: Burst) -> float | None:
    """When the Task state that the burst has left ceased to wait: if it timed out, that time."""
    times = [event.timestamp for event in burst.events if event.type == "TaskTimedOut"]
    return times[0] if times and burst.row.phase in (Phase.INVOKING, Phase.SUBMITTED) else None


def _batch(engine: Engine, burst: Burst, opens: FanOutRow | None) -> HistoryBatch | None:
    if not burst.events:
        return None
    return history_batch(
        engine,
        burst.row,
        _with_map_run(burst, opens),
        ends=burst.frame.phase in ENDED,
    )


def history_batch(
    engine: Engine, row: FrameRow, events: Sequence[HistoryEvent], *, ends: bool = False
) -> HistoryBatch:
    """The history of one transition of one frame."""
    return HistoryBatch(
        history_id=row.history_id,
        frame_id=row.id,
        parent_id=None if row.fan_out_id is None else FanOutId.parse(row.fan_out_id).frame_id,
        ends=ends,
        dead_end=dead_end_of(events),
        length=len(events),
        events=encode_events(events, engine.pack(row.execution_id)),
    )


def _with_map_run(burst: Burst, opens: FanOutRow | None) -> list[HistoryEvent]:
    """Name the map run, which the interpreter cannot know, in the event that starts it."""
    if opens is None or opens.arn is None:
        return burst.events
    return [
        replace(event, details={**event.details, "mapRunArn": opens.arn})
        if event.type == "MapRunStarted"
        else event
        for event in burst.events
    ]


def _execution_end(engine: Engine, row: FrameRow) -> ExecutionEnd | None:
    if row.fan_out_id is not None or row.phase not in ENDED:
        return None
    status = ExecutionStatus.SUCCEEDED if row.phase is Phase.SUCCEEDED else ExecutionStatus.FAILED
    return ExecutionEnd(
        status=status,
        stopped_at=engine.clock(),
        output=row.output,
        error=row.error,
        cause=row.cause,
        is_announced=engine.settings.status_events,
        look_at=engine.redelivery_at(),
    )


_FAN_OUT_ENDS = {
    "MapStateSucceeded": FanOutStatus.SUCCEEDED,
    "MapStateFailed": FanOutStatus.FAILED,
    "ParallelStateSucceeded": FanOutStatus.SUCCEEDED,
    "ParallelStateFailed": FanOutStatus.FAILED,
}


def aborted_history(
    engine: Engine, rows: Sequence[FrameRow], stopped: JsonObject | None = None
) -> list[HistoryBatch]:
    """The history of frames that were aborted, innermost first.

    Args:
        engine: Whose clock and definitions count.
        rows: The frames as they were before, outermost first.
        stopped: The error and cause with which the first of them, a child execution, was stopped
            by itself; or None.
    """
    ends = (
        (row, aborted_events(engine, row, stopped if row is rows[0] else None))
        for row in reversed(rows)
    )
    return [history_batch(engine, row, events, ends=True) for row, events in ends if events]
