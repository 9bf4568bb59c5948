"""The transition: one transaction that writes everything a wake-up changes, or nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from pipeline.ledger import executions, frames, log_deliveries, nested_executions, outbox
from pipeline.ledger import history as history_table
from pipeline.ledger.aborting import abort_execution, abort_frames_of
from pipeline.ledger.database import Database
from pipeline.ledger.fan_outs import insert_fan_out, report_failed_items
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import (
    ExecutionEnd,
    ExecutionRow,
    ExecutionStatus,
    FanOutRow,
    FanOutStatus,
    FrameRow,
    HistoryBatch,
)


class Overtaken(Exception):
    """Another transition has moved the frame since this wake-up read it, and continues it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutEnd:
    """How a fan-out ends; ``stopped_at`` is in epoch seconds."""

    fan_out_id: str
    status: FanOutStatus
    stopped_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The changes of one wake-up.

    Attributes:
        row: The frame at its new version.
        claimed_by: The worker that must hold the claim now; None for no claim.
        any_claim: Move the frame whichever worker holds the claim.
        batch: Its history events, or None.
        starts: The execution that begins with this transition; the frame is then new.
        opens: The fan-out that begins, or None.
        closes: The fan-out that ends, or None; children that still run are aborted.
        ends: How the execution ends, or None.
        describe_aborted: Makes the history of the aborted frames.
        is_announced: Whether the outbox announces the execution that begins.
        is_logged: Whether the history begins with this batch and goes to a log group.
        abandoned_at: Epoch seconds at which the frame stops waiting for a nested execution that may
            still run; None if there is none.
    """

    row: FrameRow
    claimed_by: str | None
    any_claim: bool
    batch: HistoryBatch | None
    describe_aborted: Callable[[list[FrameRow]], list[HistoryBatch]]
    starts: ExecutionRow | None = None
    opens: FanOutRow | None = None
    closes: FanOutEnd | None = None
    ends: ExecutionEnd | None = None
    is_announced: bool = False
    is_logged: bool = False
    abandoned_at: float | None = None


def commit(
    database: Database, transition: Transition, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Write a transition in one durable transaction.

    After a lost connection, a deadlock or on a busy database it tries again. A transition that was
    committed although its connection was lost counts as written.

    Args:
        sleep: Waits so many seconds before trying again.

    Raises:
        Overtaken: The frame has moved or ended, or another worker has claimed it; nothing was
            written.
        sqlalchemy.exc.IntegrityError: Another execution has the ARN of the one that begins.
    """

    def write() -> None:
        with database.durable() as connection:
            _write(connection, transition)

    def write_again() -> None:
        try:
            write()
        except (Overtaken, IntegrityError) as conflict:
            _accept_own(database, transition, conflict)

    retrying(write, write_again, sleep=sleep)


def _write(connection: Connection, transition: Transition) -> None:
    _report_failure(connection, transition.row)
    _move(connection, transition)
    batches = [] if transition.batch is None else [transition.batch]
    if transition.closes:
        end = transition.closes
        aborted = abort_frames_of(connection, [end.fan_out_id], end.stopped_at, end.status)
        batches = transition.describe_aborted(aborted) + batches
    if transition.batch and transition.is_logged:
        log_deliveries.begin(connection, transition.batch.history_id, transition.row.execution_id)
    history_table.append(connection, batches)
    if transition.opens:
        insert_fan_out(connection, transition.opens)
    if transition.ends:
        _end_execution(connection, transition.row.execution_id, transition.ends)


def _report_failure(connection: Connection, row: FrameRow) -> None:
    """Count a failed child in its fan-out's row, which must be locked before its children.

    The count and the failure are committed together, so that no lane takes a child in between.
    """
    if row.has_failed and row.fan_out_id is not None:
        report_failed_items(connection, row.fan_out_id, row.item_count)


def _accept_own(database: Database, transition: Transition, conflict: Exception) -> None:
    """Raise the conflict, unless the row in the way was written by this very transition."""
    row = transition.row
    with database.reading() as connection:
        found = frames.find_frame(connection, row.id)
    if found is not None and _outcome(found) == _outcome(row):
        return
    if found is None or not transition.starts:
        raise conflict
    # The id of an execution is fresh: this transition was committed, and another has followed.
    raise Overtaken(row.id, row.version) from conflict


def _outcome(row: FrameRow) -> tuple[object, ...]:
    return row.version, row.phase, row.body, row.claimed_by, row.output, row.error, row.cause


def _move(connection: Connection, transition: Transition) -> None:
    if transition.starts:
        _lock_caller(connection, transition.starts)
        executions.insert_execution(connection, transition.starts)
        frames.insert_frame(connection, transition.row)
        if transition.is_announced:
            begun = transition.starts
            outbox.append(connection, begun.id, ExecutionStatus.RUNNING, begun.started_at)
        return
    if not frames.move(
        connection,
        transition.row,
        claimed_by=transition.claimed_by,
        any_claim=transition.any_claim,
    ):
        raise Overtaken(transition.row.id, transition.row.version)
    if transition.abandoned_at is not None:
        nested_executions.abandon(connection, [transition.row.id], transition.abandoned_at)


def _lock_caller(connection: Connection, begun: ExecutionRow) -> None:
    """Lock the calling frame: a transaction that aborts it must find the execution it starts."""
    if begun.caller_frame_id and not nested_executions.lock_caller(connection, begun):
        raise Overtaken(begun.caller_frame_id, begun.caller_version)


def _end_execution(connection: Connection, execution_id: str, end: ExecutionEnd) -> None:
    if not executions.end_execution(connection, execution_id, end):
        raise Overtaken(execution_id)
    if end.is_announced:
        outbox.append(connection, execution_id, end.status, end.stopped_at)


def end_at_once(
    database: Database,
    execution_id: str,
    end: ExecutionEnd,
    batch: HistoryBatch,
    describe_aborted: Callable[[list[FrameRow]], list[HistoryBatch]],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """End an execution from outside (stopped, or timed out) with everything that still runs.

    Args:
        sleep: Waits so many seconds before another attempt after a lost connection.

    Returns:
        False if it had ended already.
    """

    def write() -> bool:
        with database.durable() as connection:
            # Lock frames first, as every transition does. An execution that has ended has none to
            # abort.
            aborted = abort_execution(connection, execution_id, end.stopped_at)
            try:
                _end_execution(connection, execution_id, end)
            except Overtaken:
                return False
            history_table.append(connection, [*describe_aborted(aborted), batch])
            return True

    def write_again() -> bool:
        return write() or _ended_so(database, execution_id, end)

    return retrying(write, write_again, sleep=sleep)


def _ended_so(database: Database, execution_id: str, end: ExecutionEnd) -> bool:
    with database.reading() as connection:
        found = executions.find_execution(connection, execution_id)
    return found is not None and (found.status, found.stopped_at) == (end.status, end.stopped_at)
