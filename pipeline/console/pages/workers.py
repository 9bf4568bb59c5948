"""The workers: who lives, what each calls, and what waits in the queues."""

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response

from pipeline.api.authentication import Identity
from pipeline.console.broker import queue_depths, running_tasks
from pipeline.console.view import View
from pipeline.engine.embedded import queues_of
from pipeline.engine.engine import Engine
from pipeline.integrations.functions.functions import FunctionNotFound
from pipeline.interpreter.frame import Invocation
from pipeline.ledger.children_by_status import claimed_frames, waiting_calls
from pipeline.ledger.rows import ExecutionRow, FrameRow
from pipeline.ledger.workers import heartbeats

_CLAIMS = 200
_WAITING = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A function call that a worker has claimed, and how long its frame has been in the state."""

    worker: str
    execution: ExecutionRow
    state: str
    resource: str
    seconds: float


def workers(view: View) -> Response:
    """The workers with their claims, and the queues with what waits in them."""
    engine, now = view.engine, view.engine.worker_clock()
    with engine.database.reading() as connection:
        beats = heartbeats(connection)
        claimed = claimed_frames(connection, limit=_CLAIMS)
        waiting = waiting_calls(connection, limit=_WAITING)
    own = Identity(account_id=view.session.account_id, region=view.session.region)
    claims = [claim for row in claimed if (claim := _claim(engine, row, own)) is not None]
    queues = queues_of(engine)
    ages = _ages(engine, waiting)
    return view.page(
        "workers",
        title="Workers",
        beats=[(worker, now - at) for worker, at in sorted(beats.items())],
        stale=engine.settings.worker_stale_seconds,
        claims=claims,
        claim_counts=Counter(row.claimed_by for row in claimed),
        queues=queues,
        depths=queue_depths(engine.app, queues),
        ages=ages,
        tasks=running_tasks(engine.app),
        flower=engine.settings.flower_url,
    )


def _claim(engine: Engine, row: FrameRow, own: Identity) -> Claim | None:
    """A claim; None if it belongs to another account's execution."""
    if row.body is None:
        return None
    execution = engine.executions.latest_row(row.execution_id)
    if execution.arn.split(":")[3:5] != [own.region, own.account_id]:
        return None
    frame = engine.frame(row)
    call = frame.invocation
    return Claim(
        worker=row.claimed_by or "",
        execution=execution,
        state=frame.state,
        resource=_called(call) if call else "",
        seconds=engine.clock() - frame.entered_at,
    )


def _called(call: Invocation) -> str:
    """The function that a call names, or its resource."""
    if isinstance(call.arguments, dict) and ":lambda:invoke" in call.resource:
        return str(call.arguments.get("FunctionName", call.resource))
    return call.resource


def _ages(engine: Engine, waiting: list[FrameRow]) -> dict[str, float]:
    """How long the oldest call of each queue has waited, in seconds.

    A call that no worker has claimed records when the sweeper will publish it again; that is a
    fixed time after its message was published.
    """
    now, redelivery = engine.clock(), engine.settings.redelivery_seconds
    ages: dict[str, float] = {}
    for row in waiting:
        if row.wake_at is not None and not row.wake_ups:
            queue = _queue(engine, row)
            ages[queue] = max(ages.get(queue, 0.0), now - (row.wake_at - redelivery))
    return ages


def _queue(engine: Engine, row: FrameRow) -> str:
    """The queue of a call; the default one for functions that the functions file does not name."""
    call = engine.frame(row).invocation
    try:
        return engine.functions.listed.find(_called(call) if call else "").queue
    except FunctionNotFound:
        return engine.settings.default_queue
