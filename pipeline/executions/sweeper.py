"""The sweeper: wakes what is due, and finds what was lost.

Celery beat fires it each second. Any number of sweepers may run: each wake-up is reserved with a
compare-and-set before it is published, and a wake-up too many does nothing.
"""

import logging
from collections.abc import Iterator
from functools import partial

from celery.canvas import Signature

from pipeline.engine.engine import Engine
from pipeline.executions.lifecycle import time_out_execution
from pipeline.executions.log_delivery import schedule_log_delivery
from pipeline.executions.nested_sweeps import look_after_nested
from pipeline.executions.sweeping import one_by_one
from pipeline.executor.after_commit import send
from pipeline.executor.burst import history_batch
from pipeline.executor.calls.lost_calls import lost_call
from pipeline.executor.joins import all_ended, awaits_writing
from pipeline.executor.lane_starts import idle_lanes, redriven_messages
from pipeline.executor.settling import FIRST_LOOK_SECONDS
from pipeline.executor.status_events import publish_waiting
from pipeline.interpreter.frame import Phase
from pipeline.interpreter.frame_codec import outline_of_frame
from pipeline.language.outcomes import FanOutKind
from pipeline.ledger import due_frames, executions, fan_outs, frames, workers
from pipeline.ledger import history as history_table
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.rows import FanOutRow, FrameRow, HistoryBatch
from pipeline.state_machines.machines import finish_deletions

log = logging.getLogger(__name__)

BATCH = 500
"""Frames that are read at a time."""

MAX_DOUBLINGS = 4
"""How often the pause before an unanswered wake-up is published again may double."""

_FORGET_AFTER = 100
"""Silent workers stay listed for this many times worker_stale_seconds."""


def sweep(engine: Engine) -> int:
    """Wake everything that is due; returns how many messages were published."""
    _release_claims_of_lost_workers(engine)
    _end_overdue_executions(engine)
    look_after_nested(engine)
    publish_waiting(engine)
    schedule_log_delivery(engine)
    finish_deletions(engine)
    now = engine.clock()
    published = 0
    while due := _due(engine, now):
        published += sum(_wake(engine, row, now) for row in due)
        if len(due) < BATCH:
            break
    return published


def _due(engine: Engine, now: float) -> list[FrameRow]:
    with engine.database.reading() as connection:
        return due_frames.due(connection, now, BATCH)


def _release_claims_of_lost_workers(engine: Engine) -> None:
    now, stale = engine.clock(), engine.settings.worker_stale_seconds
    silent_since = engine.worker_clock() - stale
    longest_gap = max(stale / 2, 3 * engine.settings.sweep_interval_seconds)
    with engine.database.statement() as connection:
        since = workers.sweeping_since(connection, engine.worker_clock(), longest_gap)
        if since > silent_since or not due_frames.has_orphans(connection, silent_since):
            return
    with engine.database.durable() as connection:
        orphans = due_frames.release_orphans(connection, silent_since, now)
        # A worker may also have died after an item and before its lane took the next one.
        due_frames.expedite_joins(connection, now)
        workers.forget_silent(connection, silent_since - _FORGET_AFTER * stale)
        history_table.append(
            connection, [batch for row in orphans for batch in _lost_call(engine, row)]
        )
    log.warning("released %d claims of lost workers", len(orphans))


def _lost_call(engine: Engine, row: FrameRow) -> Iterator[HistoryBatch]:
    """The history of a call whose worker was lost.

    A lane makes the first call of an item before it commits anything of the item. The worker that
    begins the item again records the loss of such a call.
    """
    if row.phase is Phase.INVOKING and row.body is not None:
        called = outline_of_frame(row.body).resource
        if called is not None:
            yield history_batch(engine, row, [lost_call(called, engine.clock())])


def _end_overdue_executions(engine: Engine) -> None:
    with engine.database.reading() as connection:
        overdue = executions.overdue_executions(connection, engine.clock())
    one_by_one(overdue, partial(time_out_execution, engine))


def _wake(engine: Engine, row: FrameRow, now: float) -> int:
    """Publish what a frame needs; returns the number of messages."""
    with engine.database.statement() as connection:
        if not due_frames.postpone(connection, row, now + _pause(engine, row)):
            return 0
    # One message that fails must not keep the sweep from the other frames.
    return sum(send(message) for message in _messages(engine, row))


def _pause(engine: Engine, row: FrameRow) -> float:
    """Seconds until the same frame is looked at again, if nothing moves it before."""
    redelivery = engine.settings.redelivery_seconds
    if row.phase is Phase.JOINING:
        return min(_join_pause(row.wake_ups + 1), redelivery)
    return redelivery * (1 << min(row.wake_ups, MAX_DOUBLINGS))


def _join_pause(wake_ups: int) -> float:
    return FIRST_LOOK_SECONDS * (1 << min(wake_ups, due_frames.LATE))


def _is_late(engine: Engine, row: FrameRow) -> bool:
    """Whether messages of a fan-out that have not shown an effect yet are to be taken for lost."""
    return _join_pause(row.wake_ups) >= engine.settings.redelivery_seconds


def _messages(engine: Engine, row: FrameRow) -> Iterator[Signature]:
    match row.phase:
        case Phase.JOINING:
            yield from _fan_out_messages(engine, row)
        case _:
            # The wake-up finds out whether a time has come or a call's message was lost.
            yield engine.canvas.wake_up(row, engine.seat(row))


def _fan_out_messages(engine: Engine, row: FrameRow) -> Iterator[Signature]:
    """Ring for a fan-out whose chord was lost, and start lanes that no message runs."""
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, str(FanOutId(row.id, row.version)))
    # One with a ResultWriter is closed before its results are written.
    if fan_out is None or not (fan_out.is_open or fan_out.writer):
        return
    if fan_out.error is not None:
        yield engine.canvas.ring(fan_out)
    elif all_ended(engine, fan_out):
        yield _ring(engine, fan_out)
    elif _is_late(engine, row):  # before, its messages may still be on their way
        yield from _late_messages(engine, fan_out)
        if fan_out.is_open and fan_out.is_read:
            # A failure that is one too many may have lost the message that would report it.
            yield engine.canvas.ring(fan_out)
    elif fan_out.width is not None and fan_out.is_open and fan_out.is_read:
        yield from idle_lanes(engine, fan_out)


def _late_messages(engine: Engine, fan_out: FanOutRow) -> Iterator[Signature]:
    """What goes on with a fan-out whose messages are taken for lost."""
    if not fan_out.is_open:
        if awaits_writing(fan_out):
            yield engine.canvas.aggregate(fan_out)
        return
    if fan_out.redrive_count:
        yield from redriven_messages(engine, fan_out)
    elif not fan_out.is_read:
        yield engine.canvas.fan_out(fan_out)
    elif fan_out.width is not None:
        yield from idle_lanes(engine, fan_out)
    elif fan_out.taken < fan_out.total:
        with engine.database.reading() as connection:
            busy = frames.busy_lanes(connection, fan_out.id)
        idle = [lane for lane in range(fan_out.lanes) if lane not in busy]
        if idle:
            yield engine.canvas.fan_out(fan_out, lanes=idle)


def _ring(engine: Engine, fan_out: FanOutRow) -> Signature:
    if fan_out.kind == FanOutKind.DISTRIBUTED_MAP:
        return engine.canvas.join(fan_out)
    return engine.canvas.ring(fan_out)
