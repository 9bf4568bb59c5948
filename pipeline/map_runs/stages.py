"""The stages around a distributed Map: items and a snapshot before it, results and another after.

Each stage is a Celery task of its own and records its end in the fan-out's row, so that a lost
chain resumes at its next stage.
"""

from typing import Any

from pipeline.engine.canvas import PRE
from pipeline.engine.engine import Engine
from pipeline.executor.after_commit import send
from pipeline.executor.burst import aborted_history
from pipeline.executor.joins import all_ended, awaits_writing, too_many_failed
from pipeline.interpreter.frame import Phase
from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import JsonObject
from pipeline.language.map_run_plan import ResultTarget
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger import fan_outs, frames, history
from pipeline.ledger.aborting import abort_frames_of
from pipeline.ledger.rows import FanOutRow, FanOutStatus
from pipeline.ledger.transition import Overtaken
from pipeline.map_runs.items import store_items_of
from pipeline.map_runs.keeping_alive import UnderWay
from pipeline.map_runs.result_writers import results_as_array, write_results

_STAGES = {"pre": "pre_snapshot", "post": "post_snapshot"}


class StageOutOfOrder(Exception):
    """A stage of a map run came too early or too late. The chain ends here."""


def take_snapshot(engine: Engine, fan_out_id: str, moment: str) -> None:
    """Store a snapshot of a map run: its counts, and where its items and results lie.

    The first snapshot comes after the items: this stage reads and batches them if necessary.

    Args:
        moment: ``pre`` or ``post``.

    Raises:
        StageOutOfOrder: The map run is over, or has no items or results yet.
    """
    fan_out = _open_fan_out(engine, fan_out_id)
    if not fan_out.is_read:
        fan_out = _store_items(engine, fan_out)
    if moment != PRE and fan_out.results is None:
        raise StageOutOfOrder(f"{fan_out_id} has no results to take a snapshot of")
    document = _snapshot(engine, fan_out, moment)
    packed = engine.payloads.store_apart(fan_out.execution_id, document)
    _record(engine, fan_out, **{_STAGES[moment]: packed})


def aggregate(engine: Engine, fan_out_id: str) -> None:
    """Store the results of all children as one array, or write them as ResultWriter says.

    Raises:
        StageOutOfOrder: The map run is over, a child has not ended, or too many have failed. In the
            last case ResultWriter has written the results, and the state has failed.
    """
    fan_out = _find_fan_out(engine, fan_out_id)
    failed = too_many_failed(engine, fan_out)
    if failed and awaits_writing(fan_out):
        _stop_children(engine, fan_out)
    elif failed or not fan_out.is_open or not all_ended(engine, fan_out):
        raise StageOutOfOrder(f"the children of {fan_out_id} have not all ended well")
    results = _results(engine, fan_out)
    _record(engine, fan_out, results=results)
    if failed:
        send(engine.canvas.ring(fan_out))
        raise StageOutOfOrder(f"too many children of {fan_out_id} have failed")


def _record(engine: Engine, fan_out: FanOutRow, **packed: bytes) -> None:
    with engine.database.durable() as connection:
        if not fan_outs.record_stage(connection, fan_out, **packed):
            raise StageOutOfOrder(f"{fan_out.id} is over, or was redriven")


def _store_items(engine: Engine, fan_out: FanOutRow) -> FanOutRow:
    """Store the items of the children for the lanes."""
    try:
        stored = store_items_of(engine, fan_out)
    except ExecutionError as error:
        raise _failed(engine, fan_out, error) from error
    except Overtaken as late:
        raise StageOutOfOrder(f"{fan_out.id} is over") from late
    with engine.database.durable() as connection:
        fan_outs.record_items(connection, fan_out.id, stored)
    return _open_fan_out(engine, fan_out.id)


def _results(engine: Engine, fan_out: FanOutRow) -> bytes:
    pack, under_way = engine.pack(fan_out.execution_id), UnderWay(engine, fan_out)
    try:
        if fan_out.writer is None:
            return pack(results_as_array(engine, fan_out, under_way))
        fields: Any = engine.payloads.unpack(fan_out.writer)  # the fields of a ResultTarget
        return pack(write_results(engine, fan_out, ResultTarget(**fields), under_way))
    except ExecutionError as error:
        raise _failed(engine, fan_out, error) from error
    except Overtaken as late:
        raise StageOutOfOrder(f"{fan_out.id} is over") from late


def _stop_children(engine: Engine, fan_out: FanOutRow) -> None:
    """Abort the running children, so that the written results are final."""
    with engine.database.durable() as connection:
        # The fan-out stays open: its state fails when the results are written.
        aborted = abort_frames_of(connection, [fan_out.id], engine.clock(), FanOutStatus.RUNNING)
        history.append(connection, aborted_history(engine, aborted))


def _failed(engine: Engine, fan_out: FanOutRow, error: ExecutionError) -> StageOutOfOrder:
    """Fail the state because its items cannot be read or its results not be written."""
    with engine.database.durable() as connection:
        recorded = fan_outs.record_failure(
            connection, fan_out, error=error.error, cause=error.cause
        )
    if recorded:
        send(engine.canvas.ring(fan_out))
    return StageOutOfOrder(f"{fan_out.id} has failed: {error}")


def _find_fan_out(engine: Engine, fan_out_id: str) -> FanOutRow:
    return engine.database.required(fan_outs.find_fan_out, fan_out_id, _unknown_fan_out)


def _unknown_fan_out(fan_out_id: str) -> StageOutOfOrder:
    return StageOutOfOrder(f"{fan_out_id} is not known")


def _open_fan_out(engine: Engine, fan_out_id: str) -> FanOutRow:
    fan_out = _find_fan_out(engine, fan_out_id)
    if not fan_out.is_open:
        raise StageOutOfOrder(f"{fan_out_id} is over")
    return fan_out


def _snapshot(engine: Engine, fan_out: FanOutRow, moment: str) -> JsonObject:
    execution = engine.executions.cached(fan_out.execution_id)
    with engine.database.reading() as connection:
        counts = frames.count_by_phase(connection, fan_out.id)
    return {
        "snapshot": moment,
        "takenAt": format_timestamp(engine.clock()),
        "executionArn": execution.context.execution_arn,
        "state": fan_out.state,
        "mapRun": fan_out.id,
        "total": fan_out.total,
        "succeeded": counts.get(Phase.SUCCEEDED, 0),
        "failed": counts.get(Phase.FAILED, 0) + counts.get(Phase.TIMED_OUT, 0),
        "items": _where(engine, fan_out.reader or fan_out.shared),
        "results": _where(engine, fan_out.results),
    }


def _where(engine: Engine, packed: bytes | None) -> JsonObject | None:
    """The pointer to a payload; a small payload itself."""
    if packed is None:
        return None
    pointer = engine.payloads.pointer_of(packed)
    if pointer is None:
        return {"value": engine.payloads.unpack(packed)}
    return {
        "uri": engine.payloads.store.uri(pointer.key),
        "sha256": pointer.sha256,
        "size": pointer.size,
    }
