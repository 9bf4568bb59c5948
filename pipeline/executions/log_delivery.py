"""Delivering the histories of executions to the log group of their state machine.

AWS Step Functions Developer Guide, "Using CloudWatch Logs to log execution history". Each event is
delivered at least once, those of one execution in their order, and never by the transition that
made it: a log group that is away costs nothing but time.
"""

import logging
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import child_execution_arn
from pipeline.executions.history import history_page, shaped
from pipeline.executions.history_numbering import Numbering, numbered
from pipeline.executor.express.execution import ExpressEvents
from pipeline.executor.log_targets import LogTarget, log_target
from pipeline.integrations.log_entries import log_entries
from pipeline.language.json_value import JsonObject
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger import log_deliveries
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.log_deliveries import LogDelivery
from pipeline.ledger.rows import ExecutionRow

log = logging.getLogger(__name__)

BATCH = 100
"""Histories that one message delivers from."""

PAGE = 1_000
"""Events that are delivered at a time."""

LEASE_SECONDS = 300.0
"""Longer than any delivery takes."""


def schedule_log_delivery(engine: Engine) -> None:
    """Publish a message that delivers, if there is anything to deliver."""
    with engine.database.reading() as connection:
        if not log_deliveries.waiting(connection, engine.clock(), 1):
            return
    engine.canvas.deliver_logs().apply_async()


def deliver_logs(engine: Engine) -> None:
    """Deliver what has been added to histories since the last time."""
    now = engine.clock()
    while True:
        with engine.database.reading() as connection:
            waiting = log_deliveries.waiting(connection, now, BATCH)
        for delivery in waiting:
            _deliver(engine, delivery)
        if len(waiting) < BATCH:
            break
    with engine.database.statement() as connection:
        log_deliveries.forget_delivered(connection)


def _deliver(engine: Engine, delivery: LogDelivery) -> None:
    """Deliver one history as far as it goes, unless another worker delivers it."""
    with engine.database.statement() as connection:
        if not log_deliveries.lease(connection, delivery, engine.clock() + LEASE_SECONDS):
            return
        last = log_deliveries.last_batch(connection, delivery.history_id)
    row = engine.executions.latest_row(delivery.execution_id)
    target = log_target(engine, row)
    assert target is not None  # noqa: S101 - a revision never changes
    page = history_page(
        engine,
        delivery.history_id,
        limit=PAGE,
        beyond=delivery.delivered,
        with_data=target.with_data,
    )
    until, delivered, seen = 0.0, delivery.delivered + len(page), last
    if len(page) == PAGE:
        seen = delivery.seen  # there may be more
    try:
        _put(engine, target, row, delivery.history_id, page)
    except (BotoCoreError, ClientError, OSError) as error:
        log.warning("the log of %s is not delivered yet: %s", row.arn, error)
        until, delivered, seen = engine.redelivery_at(), delivery.delivered, delivery.seen
    with engine.database.statement() as connection:
        log_deliveries.settle(connection, delivery, until=until, delivered=delivered, seen=seen)


def _put(
    engine: Engine,
    target: LogTarget,
    row: ExecutionRow,
    history_id: str,
    events: Sequence[JsonObject],
) -> None:
    arn = row.arn
    if history_id != row.id:
        map_run = engine.fan_outs.cached(ChildId.parse(history_id).fan_out_id)
        arn = child_execution_arn(map_run.arn or "", history_id)
    entries = log_entries(
        events, level=target.level, execution_arn=arn, redrive_count=row.redrive_count
    )
    if some := list(entries):
        begun = format_timestamp(row.started_at)[:16].replace("T", "-").replace(":", "-")
        stream = f"states/{row.machine_name}/{begun}/{arn.rpartition(':')[2]}"
        engine.log_groups.put(target.group_arn, stream, some)


def log_express(engine: Engine, row: ExecutionRow, history: Sequence[ExpressEvents]) -> None:
    """Deliver the history of an EXPRESS execution that has ended.

    It is nowhere else, so what the log group does not take now is lost.
    """
    target = log_target(engine, row)
    if target is None:
        return
    numbering = Numbering()
    events: list[JsonObject] = []
    for batch in history:
        ids = numbering.number(batch, len(batch.events))
        events += [
            shaped(event, number, previous, with_data=target.with_data)
            for event, number, previous in numbered(batch.events, ids)
        ]
    try:
        _put(engine, target, row, row.id, events)
    except (BotoCoreError, ClientError, OSError) as error:
        log.warning("the log of %s is lost: %s", row.arn, error)
