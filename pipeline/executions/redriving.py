"""Redriving an execution: it goes on from where it has failed (API reference: "RedriveExecution").

What has succeeded stays. The state that failed or was stopped is tried again with its input; of a
Parallel or Map state, so are the branches and iterations that did not succeed.
"""

from dataclasses import replace

from sqlalchemy import Connection

from pipeline.engine.engine import Engine
from pipeline.engine.open_executions import owner_of
from pipeline.executions.revived_frames import RevivedFrames
from pipeline.executor.after_commit import after_commit, announce, send
from pipeline.executor.lane_starts import start_redriven
from pipeline.executor.redrivability import why_not
from pipeline.executor.settling import first_look_at
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.interpreter.frame import Phase, Redrive
from pipeline.ledger import (
    executions,
    fan_outs,
    history,
    nested_executions,
    outbox,
    redriving,
)
from pipeline.ledger.fan_out_id import FanOutId
from pipeline.ledger.retrying import retrying
from pipeline.ledger.rows import (
    ExecutionRow,
    ExecutionStatus,
    FrameRow,
)


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
        revival = RevivedFrames(
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
