"""The frames of a redriven execution: each that did not succeed tries its state again."""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from pipeline.engine.canvas import encode_seat
from pipeline.engine.engine import Engine
from pipeline.executor.burst import history_batch
from pipeline.executor.log_targets import log_target
from pipeline.executor.redrivability import MAX_EVENTS
from pipeline.interpreter.frame import Frame, FrameKind, Phase, Redrive
from pipeline.interpreter.frame_codec import decode_frame, encode_frame
from pipeline.language.errors import DATA_LIMIT_EXCEEDED, RUNTIME
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger import (
    fan_outs,
    history,
    log_deliveries,
    redriving,
)
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import (
    FanOutRow,
    FanOutStatus,
    FrameRow,
    HistoryBatch,
)

MAX_REDRIVES = 1000
"""How often one map run may be redriven (Developer Guide, "Redriving Map Runs")."""


@dataclass(slots=True, kw_only=True)
class RevivedFrames:
    """Writes the frames of a redriven execution, within one transaction of the redrive.

    Attributes:
        history: What the redrive adds to the history of the execution itself.
    """

    engine: Engine
    connection: Connection
    redrive: Redrive
    history: list[HistoryBatch] = field(default_factory=list)

    def record(self, row: FrameRow, event_type: str, details: dict[str, Any]) -> None:
        """Add an event of a frame to the history."""
        execution = self.engine.executions.cached(row.execution_id).row_when_cached
        if event_type == "ExecutionRedriven" and log_target(self.engine, execution):
            log_deliveries.begin(self.connection, row.history_id, row.execution_id)
        event = HistoryEvent(type=event_type, timestamp=self.redrive.at, details=details)
        batch = history_batch(self.engine, row, [event])
        if row.history_id == row.execution_id:
            self.history.append(batch)
        else:  # of a child execution, of which there may be thousands
            history.append(self.connection, [batch])

    def revive(self, row: FrameRow) -> FrameRow:
        """A frame that did not succeed, as it goes on; what is below it has been written."""
        blank = replace(
            row,
            lane=None,
            turn=None,
            version=row.version + 1,
            phase=Phase.READY,
            output=None,
            error=None,
            cause=None,
            claimed_by=None,
            wake_at=None,
            wake_ups=0,
            losses=0,
            activity_arn=None,
            offered_at=None,
            heard_at=None,
            redrive_count=row.redrive_count + 1,
        )
        if row.body is None:
            return blank  # it had not committed anything, and begins anew
        ended = decode_frame(row.body, row.phase, _as_it_is)
        if ended.kind is FrameKind.CHILD_EXECUTION:
            self.record(row, "ExecutionRedriven", {"redriveCount": blank.redrive_count})
        fan_out = self._unfinished(row, ended)
        if fan_out is None:
            again = self._frame(ended, Phase.RETRYING, sleep_until=self.redrive.at)
            return replace(blank, phase=again.phase, body=encode_frame(again, _as_it_is))
        self._reopen(row, fan_out)
        joining = self._frame(ended, Phase.JOINING)
        # Its version is part of the fan-out's name. An older message for this version only
        # asks whether the children have ended.
        version = row.version - 1
        body = encode_frame(joining, _as_it_is)
        return replace(blank, phase=joining.phase, body=body, version=version)

    def _frame(self, ended: Frame, phase: Phase, sleep_until: float | None = None) -> Frame:
        """The same state, tried again as if it never had been."""
        return Frame(
            kind=ended.kind,
            scope=ended.scope,
            state=ended.state,
            phase=phase,
            input=ended.input,
            entered_at=ended.entered_at,
            map_item=ended.map_item,
            sleep_until=sleep_until,
            variables=ended.variables,
            redrive=self.redrive,
            entered_event=ended.entered_event,
        )

    def _unfinished(self, row: FrameRow, ended: Frame) -> FanOutRow | None:
        """The fan-out that the frame was at when it ended, if that is where it goes on.

        One whose children all did well has failed by their results, and runs once more as a whole.
        """
        fan_out = fan_outs.find_fan_out(self.connection, str(FanOutId(row.id, row.version - 1)))
        if fan_out is None or fan_out.state != ended.state:
            return None
        if fan_out.status is FanOutStatus.SUCCEEDED or fan_out.started_at < ended.entered_at:
            return None  # the frame had gone on, and entered the state again
        if fan_out.error == DATA_LIMIT_EXCEEDED:
            return None
        if fan_out.status is FanOutStatus.ABORTED or fan_out.error is not None:
            return fan_out
        children_failed = redriving.has_unsuccessful_children(self.connection, fan_out.id)
        return fan_out if children_failed else None

    def _reopen(self, row: FrameRow, fan_out: FanOutRow) -> None:
        seat = encode_seat({})
        is_map_run = fan_out.kind == FanOutKind.DISTRIBUTED_MAP
        if is_map_run and fan_out.redrive_count >= MAX_REDRIVES:
            cause = f"The Map Run was redriven {MAX_REDRIVES} times and cannot be redriven again."
            redriving.reopen_as_failed(
                self.connection, fan_out.id, seat=seat, error=RUNTIME, cause=cause
            )
            return
        if is_map_run:
            count = fan_out.redrive_count + 1
            details = {"mapRunArn": fan_out.arn, "redriveCount": count}
            self.record(row, "MapRunRedriven", details)
        lost = 0
        for child in redriving.unsuccessful_children(self.connection, fan_out.id):
            if is_map_run and history.length_of(self.connection, child.id) >= MAX_EVENTS:
                lost += child.item_count if child.phase is not Phase.ABORTED else 0
            else:
                redriving.revive(self.connection, self.revive(child))
        redriving.reopen(self.connection, fan_out.id, at=self.redrive.at, seat=seat, failures=lost)


def _as_it_is(packed: Any) -> Any:
    """Values stay packed: a redrive reads none of them."""
    return packed
