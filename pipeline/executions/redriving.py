"""Redriving an execution: it goes on from where it has failed (API reference: "RedriveExecution").

What has succeeded stays. The state that failed or was stopped is tried again with its input; of a
Parallel or Map state, so are the branches and iterations that did not succeed.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from pipeline.engine.canvas import encode_seat
from pipeline.engine.engine import Engine
from pipeline.engine.open_executions import owner_of
from pipeline.executor.after_commit import after_commit, announce, send
from pipeline.executor.burst import history_batch
from pipeline.executor.lane_starts import start_redriven
from pipeline.executor.log_targets import log_target
from pipeline.executor.redrivability import MAX_EVENTS, why_not
from pipeline.executor.settling import first_look_at
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.frame import Frame, FrameKind, Phase, Redrive
from pipeline.interpreter.frame_codec import decode_frame, encode_frame
from pipeline.language.errors import DATA_LIMIT_EXCEEDED, RUNTIME
from pipeline.language.history_event import HistoryEvent
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger import (
    executions,
    fan_outs,
    history,
    log_deliveries,
    nested_executions,
    outbox,
    redriving,
)
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import (
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FanOutStatus,
    FrameRow,
    HistoryBatch,
)

MAX_REDRIVES = 1000
"""How often one map run may be redriven (Developer Guide, "Redriving Map Runs")."""


class ExecutionNotRedrivable(RejectedRequest):
    """The execution cannot be redriven; the message says why."""

    code = "ExecutionNotRedrivable"


def redrive(engine: Engine, row: ExecutionRow, *, client_token: str | None = None) -> float:
    """Let an execution go on that did not succeed.

    Args:
        engine: Whose workers go on with it.
        row: The execution as it is.
        client_token: Makes asking again do nothing, or None.

    Returns:
        When it was redriven, in epoch seconds.

    Raises:
        ExecutionNotRedrivable: It runs, has succeeded, or ended too long ago.
        ExecutionLimitExceeded: The account has as many open executions as it may have.
    """
    now = engine.clock()
    if client_token is not None:
        with engine.database.reading() as connection:
            used_at = redriving.token_used_at(
                connection, row.id, client_token, since=now - redriving.TOKEN_SECONDS
            )
        if used_at is not None:
            return used_at
    if reason := why_not(engine, row):
        raise ExecutionNotRedrivable(reason)
    engine.open_executions.reserve_slot(*owner_of(row.arn))
    root = retrying(lambda: _write(engine, row, now, client_token))
    if root is None:
        raise ExecutionNotRedrivable(why_not(engine, engine.executions.latest_row(row.id)) or "")
    announce(engine, row, has_ended=False)
    with after_commit(f"go on with {row.arn}"):
        _go_on(engine, root)
    return now


def _write(
    engine: Engine, row: ExecutionRow, now: float, client_token: str | None
) -> FrameRow | None:
    """Write all of it in one transaction; the root frame, or None if another request was first."""
    limit = engine.definitions.machine(row.definition_id).timeout_seconds
    with engine.database.durable() as connection:
        # A caller first, and frames before executions, as in every transition.
        is_awaited = nested_executions.is_still_awaited(connection, row)
        root = redriving.root_of(connection, row.id)
        if not redriving.resume_execution(
            connection,
            row,
            at=now,
            deadline_at=None if limit is None else now + limit,
            client_token=client_token,
            is_awaited=is_awaited,
        ):
            return root if _is_done(connection, row, now) else None
        count = row.redrive_count + 1
        revival = _Revival(
            engine=engine, connection=connection, redrive=Redrive(count=count, at=now)
        )
        revival.record(root, "ExecutionRedriven", {"redriveCount": count})
        root = revival.revive(root)
        wake_at = first_look_at(engine) if root.phase is Phase.JOINING else engine.redelivery_at()
        root = replace(root, wake_at=wake_at)
        redriving.revive(connection, root)
        if engine.settings.status_events:
            outbox.append(connection, row.id, ExecutionStatus.RUNNING, now)
        history.append(connection, revival.history)
    return root


def _is_done(connection: Connection, row: ExecutionRow, now: float) -> bool:
    """Whether an attempt whose connection was lost has written all of it."""
    found = executions.find_execution(connection, row.id)
    return found is not None and found.redriven_at == now


def _go_on(engine: Engine, root: FrameRow) -> None:
    if root.phase is not Phase.JOINING:
        send(engine.canvas.wake_up(root, {}))
        return
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, str(FanOutId(root.id, root.version)))
    if fan_out is not None:
        start_redriven(engine, fan_out)


@dataclass(slots=True, kw_only=True)
class _Revival:
    """The frames of one execution as they go on, within one transaction.

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
