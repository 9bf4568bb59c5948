"""A burst: one frame between two commits, and the transition that the commit writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from pipeline.canvas import encode_seat
from pipeline.engine import Engine
from pipeline.frame import ENDED, Frame, Phase
from pipeline.frame_codec import encode_events, encode_frame
from pipeline.interpreter import ExecutionContext
from pipeline.language.definition import StateMachine
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json
from pipeline.language.outcomes import Failed, FanOut, FanOutKind, Outcome, Succeeded
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FanOutRow, FrameRow, HistoryBatch
from pipeline.ledger.transition import ExecutionEnd, Transition, commit
from pipeline.map_run_names import map_run_names
from pipeline.status_events import publish_status


@dataclass(slots=True, kw_only=True)
class Burst:
    """A frame on its way from one commit to the next.

    Attributes:
        machine, execution: What it runs.
        row: The row as the ledger has it.
        frame: The frame as it is by now.
        events: History that is not committed yet.
        any_claim: Whether it may be moved although a worker has claimed it.
        starts: The execution that this burst begins, or None.
        closes: The fan-out that this burst has joined, or None.
        stillborn: Why the frame could not be made and has failed at once, or None.
    """

    machine: StateMachine
    execution: ExecutionContext
    row: FrameRow
    frame: Frame
    events: list[HistoryEvent] = field(default_factory=list)
    any_claim: bool = False
    starts: ExecutionRow | None = None
    closes: str | None = None
    stillborn: ExecutionError | None = None

    @property
    def next_version(self) -> int:
        """The version that the next commit gives the frame."""
        return self.row.version if self.starts else self.row.version + 1


def commit_burst(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    *,
    claimed_by: str | None = None,
    wake_at: float | None = None,
    opens: FanOutRow | None = None,
) -> None:
    """Write everything the burst has done in one transaction, and begin the next burst.

    Raises:
        Overtaken: Somebody else has moved the frame; nothing was written.
        ObjectStoreError: A large value could not be stored; nothing was written.
    """
    row = _next_row(engine, burst, outcome, claimed_by, wake_at)
    commit(
        engine.database,
        Transition(
            row=row,
            claimed_by=burst.row.claimed_by,
            any_claim=burst.any_claim,
            batch=_batch(engine, burst, opens),
            starts=burst.starts,
            opens=opens,
            closes=burst.closes,
            ends=_execution_end(engine, row),
            describe_aborted=lambda rows: aborted_history(engine, rows),
            is_announced=engine.settings.status_events,
        ),
    )
    if burst.starts or (row.fan_out_id is None and row.has_ended):
        publish_status(engine, row.execution_id)
    burst.row, burst.events = row, []
    burst.any_claim, burst.starts, burst.closes = False, None, None


def _next_row(
    engine: Engine,
    burst: Burst,
    outcome: Outcome,
    claimed_by: str | None,
    wake_at: float | None,
) -> FrameRow:
    pack = engine.pack(burst.row.execution_id)
    ended = burst.frame.phase in ENDED
    return replace(
        burst.row,
        version=burst.next_version,
        phase=burst.frame.phase,
        body=None if ended else encode_frame(burst.frame, pack),
        output=pack(outcome.output) if isinstance(outcome, Succeeded) else None,
        error=outcome.error if isinstance(outcome, Failed) else None,
        cause=outcome.cause if isinstance(outcome, Failed) else None,
        claimed_by=claimed_by,
        wake_at=wake_at,
        wake_ups=0,
        losses=0,
    )


def _batch(engine: Engine, burst: Burst, opens: FanOutRow | None) -> HistoryBatch | None:
    if not burst.events:
        return None
    return history_batch(
        engine,
        burst.row,
        _with_map_run(engine, burst, opens),
        ends=burst.frame.phase in ENDED,
    )


def history_batch(
    engine: Engine, row: FrameRow, events: Sequence[HistoryEvent], *, ends: bool = False
) -> HistoryBatch:
    """The history of one transition of one frame."""
    return HistoryBatch(
        history_id=row.history_id,
        frame_id=row.id,
        parent_id=None if row.fan_out_id is None else row.fan_out_id.rsplit("-", 1)[0],
        ends=ends,
        events=encode_events(events, engine.pack(row.execution_id)),
    )


def _with_map_run(engine: Engine, burst: Burst, opens: FanOutRow | None) -> list[HistoryEvent]:
    """Name the map run, which the interpreter cannot know, in the event that starts it."""
    if opens is None or opens.kind != FanOutKind.DISTRIBUTED_MAP:
        return burst.events
    name = burst.execution.machine_name
    names = map_run_names(engine.settings, burst.machine, name, burst.frame, opens.id)
    return [
        replace(event, details={**event.details, "mapRunArn": names.arn})
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
    )


def new_fan_out(engine: Engine, burst: Burst, outcome: FanOut) -> FanOutRow:
    """The row of a fan-out that the burst's next commit opens."""
    pack = engine.pack(burst.row.execution_id)
    return FanOutRow(
        id=f"{burst.row.id}-{burst.next_version}",
        frame_id=burst.row.id,
        execution_id=burst.row.execution_id,
        history_id=burst.row.history_id,
        kind=outcome.kind,
        state=burst.frame.state,
        total=outcome.total,
        taken=0,
        lanes=_lanes(outcome, engine.settings.lane_limit),
        is_open=True,
        shared=pack(_shared(outcome)),
        group_id=None,
        seat=encode_seat(engine.seat(burst.row)),
        tolerated_count=outcome.tolerated_failure_count,
        tolerated_percentage=outcome.tolerated_failure_percentage,
        pre_snapshot=None,
        results=None,
        post_snapshot=None,
        is_read=outcome.reader is None,
        writer=None if outcome.writer is None else pack(asdict(outcome.writer)),
    )


def _lanes(outcome: FanOut, limit: int) -> int:
    """How many lanes the chord of a fan-out gets, which must be one at least."""
    if outcome.kind is FanOutKind.PARALLEL:
        return outcome.total  # branches all run at once, whatever the limit
    # Lanes that find no item end at once, where it is not known yet how many there are.
    useful = limit if outcome.reader else max(outcome.total, 1)
    return min(outcome.max_concurrency or useful, useful, limit)


def _shared(outcome: FanOut) -> Json:
    if outcome.reader is not None:
        return asdict(outcome.reader)
    return outcome.input if outcome.items is None else outcome.items


_ABORTED_EVENTS = {
    Phase.INVOKING: "TaskStateAborted",
    Phase.SUBMITTED: "TaskStateAborted",
    Phase.WAITING: "WaitStateAborted",
}


def aborted_history(engine: Engine, rows: list[FrameRow]) -> list[HistoryBatch]:
    """What the history tells of frames that were aborted, innermost first."""
    batches = []
    for row in reversed(rows):
        event_type = _ABORTED_EVENTS.get(row.phase)
        if event_type is not None:
            event = HistoryEvent(type=event_type, timestamp=engine.clock())
            batches.append(history_batch(engine, row, [event], ends=True))
    return batches
