"""The child executions of a map run, as executions of their own.

AWS Step Functions Developer Guide, "Distributed mode".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import child_execution_name, child_machine_arn, child_of
from pipeline.executions.lifecycle import ExecutionDoesNotExist
from pipeline.executor.burst import aborted_history
from pipeline.executor.lanes import next_message
from pipeline.interpreter.frame import Phase
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.history_event import HistoryEvent
from pipeline.language.visit import error_details
from pipeline.ledger import child_executions, frames, history
from pipeline.ledger.aborting import abort_execution
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.map_runs import find_map_run
from pipeline.ledger.rows import ExecutionRow, ExecutionStatus, FanOutRow, FrameRow

_STATUSES = {
    Phase.SUCCEEDED: ExecutionStatus.SUCCEEDED,
    Phase.FAILED: ExecutionStatus.FAILED,
    Phase.TIMED_OUT: ExecutionStatus.TIMED_OUT,
    Phase.ABORTED: ExecutionStatus.ABORTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child execution.

    Attributes:
        execution: As if it were any execution; its id is that of its history.
        map_run: The map run that has begun it.
        row: Its frame.
    """

    execution: ExecutionRow
    map_run: FanOutRow
    row: FrameRow


def find_child(engine: Engine, arn: str) -> Child:
    """The child execution with this ARN.

    Raises:
        ExecutionDoesNotExist: There is none, or it has not begun.
    """
    prefix, _, name = arn.rpartition(":")
    named = child_of(name)
    if named is None:
        raise ExecutionDoesNotExist(arn)
    map_run_id, position = named
    with engine.database.reading() as connection:
        run = find_map_run(
            connection, f"{prefix.replace(':execution:', ':mapRun:', 1)}:{map_run_id}"
        )
        row = None if run is None else frames.find_frame(connection, str(ChildId(run.id, position)))
    if run is None or row is None:
        raise ExecutionDoesNotExist(arn)
    (child,) = _children(engine, run, [row])
    return child


def stop_child(engine: Engine, arn: str, *, error: str = "", cause: str = "") -> Child:
    """Stop a child execution with everything in it; its map run goes on with the others.

    Returns:
        The child as it is now; one that has ended stays as it was.

    Raises:
        ExecutionDoesNotExist: There is no child execution with this ARN, or it has not begun.
    """
    child = find_child(engine, arn)
    row, now = child.row, engine.clock()
    stopped = error_details(error, cause)
    with engine.database.durable() as connection:
        aborted = abort_execution(connection, row.id, now)
        if not aborted:
            return child
        child_executions.explain_end(connection, row.id, error or None, cause or None)
        history.append(connection, aborted_history(engine, aborted, stopped))
    if row.lane is not None:
        next_message(engine, row).publish()
    return find_child(engine, arn)


def list_children(
    engine: Engine,
    run: FanOutRow,
    *,
    status: ExecutionStatus | None,
    redriven: bool | None,
    before: int | None,
    limit: int,
) -> list[Child]:
    """The child executions of a map run that have begun, latest first.

    Args:
        engine: Whose ledger knows them.
        run: The map run.
        status: Only those with it, or None.
        redriven: Only those that have been redriven, or that have not, or None.
        before: Position of the one before the first, or None.
        limit: How many at most.
    """
    with engine.database.reading() as connection:
        rows = child_executions.children_before(
            connection,
            run.id,
            run.taken if before is None else before,
            status=status,
            redriven=redriven,
            limit=limit,
        )
    return _children(engine, run, rows)


def _children(engine: Engine, run: FanOutRow, rows: Sequence[FrameRow]) -> list[Child]:
    ids = [row.id for row in rows]
    with engine.database.reading() as connection:
        ends = child_executions.ends_of_histories(connection, ids)
    return [_child(engine, run, row, ends.get(row.id)) for row in rows]


def _child(
    engine: Engine, run: FanOutRow, row: FrameRow, ends: tuple[bytes, bytes] | None
) -> Child:
    machine_arn = child_machine_arn(run.arn or "")
    name = child_execution_name(row.id)
    outer = engine.executions.cached(row.execution_id).row_when_cached
    begun = _start_of(ends[0]) if ends else None
    latest = _latest_of(ends[1]) if ends else None
    stopped_at = latest.timestamp if latest else run.stopped_at
    execution = ExecutionRow(
        id=row.id,
        arn=f"{machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}",
        name=name,
        machine_arn=machine_arn,
        machine_name=machine_arn.rpartition(":")[2],
        definition_id=outer.definition_id,
        status=_status(row),
        input=begun.details["input"] if begun else engine.payloads.pack(run.execution_id, None),
        started_at=begun.timestamp if begun else run.started_at,
        output=row.output,
        error=row.error,
        cause=row.cause,
        stopped_at=stopped_at if row.has_ended else None,
        revision_id=outer.revision_id,
        redrive_count=row.redrive_count,
        redriven_at=run.redriven_at if row.redrive_count else None,
    )
    return Child(execution=execution, map_run=run, row=row)


def _start_of(first_batch: bytes) -> HistoryEvent | None:
    """The event by which a child began; None if it was stopped before."""
    first, *_ = decode_events(first_batch, _packed)
    return first if first.type == "ExecutionStarted" else None


def _latest_of(last_batch: bytes) -> HistoryEvent:
    *_, latest = decode_events(last_batch, _packed)
    return latest


def _status(row: FrameRow) -> ExecutionStatus:
    if row.has_ended:
        return _STATUSES[row.phase]
    # Only a child that waits for a redriven map run to begin it again has no lane.
    return ExecutionStatus.PENDING_REDRIVE if row.lane is None else ExecutionStatus.RUNNING


def _packed(packed: bytes) -> Any:
    """An input or output, still packed."""
    return packed
