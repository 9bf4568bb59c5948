"""The stages around a distributed Map: a snapshot before, the aggregated results, one after.

Each stage is a Celery task of its own and leaves its mark on the fan-out, so that a chain that
was lost is taken up where it was.
"""

from pipeline.canvas import PRE
from pipeline.engine import Engine
from pipeline.frame import Phase
from pipeline.joins import all_ended, collect_outputs, has_failed
from pipeline.language.json_value import JsonObject
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger import fan_outs, frames
from pipeline.ledger.rows import FanOutRow

_STAGES = {"pre": "pre_snapshot", "post": "post_snapshot"}


class StageOutOfOrder(Exception):
    """A stage of a map run was asked for that cannot be done; the chain goes no further."""


def take_snapshot(engine: Engine, fan_out_id: str, moment: str) -> None:
    """Store a snapshot of a map run: what it works on, and where its parts lie.

    Args:
        moment: ``pre`` or ``post``.

    Raises:
        StageOutOfOrder: The map run is over, or has no results yet.
    """
    fan_out = _open_fan_out(engine, fan_out_id)
    if moment != PRE and fan_out.results is None:
        raise StageOutOfOrder(f"{fan_out_id} has no results to take a snapshot of")
    document = _snapshot(engine, fan_out, moment)
    packed = engine.payloads.store_apart(fan_out.execution_id, document)
    with engine.database.durable() as connection:
        fan_outs.record_stage(connection, fan_out_id, **{_STAGES[moment]: packed})


def aggregate(engine: Engine, fan_out_id: str) -> None:
    """Store the results of all children as one array.

    Raises:
        StageOutOfOrder: The map run is over, some child has not ended, or too many failed.
    """
    fan_out = _open_fan_out(engine, fan_out_id)
    with engine.database.reading() as connection:
        counts = frames.count_by_phase(connection, fan_out_id)
    if not all_ended(fan_out, counts) or has_failed(fan_out, counts.get(Phase.FAILED, 0)):
        raise StageOutOfOrder(f"the children of {fan_out_id} have not all ended well")
    results = engine.payloads.pack(fan_out.execution_id, collect_outputs(engine, fan_out))
    with engine.database.durable() as connection:
        fan_outs.record_stage(connection, fan_out_id, results=results)


def _open_fan_out(engine: Engine, fan_out_id: str) -> FanOutRow:
    with engine.database.reading() as connection:
        fan_out = fan_outs.find_fan_out(connection, fan_out_id)
    if fan_out is None or not fan_out.is_open:
        raise StageOutOfOrder(f"{fan_out_id} is over")
    return fan_out


def _snapshot(engine: Engine, fan_out: FanOutRow, moment: str) -> JsonObject:
    _, execution = engine.machine_of(fan_out.execution_id)
    with engine.database.reading() as connection:
        counts = frames.count_by_phase(connection, fan_out.id)
    return {
        "snapshot": moment,
        "takenAt": format_timestamp(engine.clock()),
        "executionArn": execution.execution_arn,
        "state": fan_out.state,
        "mapRun": fan_out.id,
        "total": fan_out.total,
        "succeeded": counts.get(Phase.SUCCEEDED, 0),
        "failed": counts.get(Phase.FAILED, 0),
        "items": _where(engine, fan_out.shared),
        "results": _where(engine, fan_out.results),
    }


def _where(engine: Engine, packed: bytes | None) -> JsonObject | None:
    """The pointer to a payload, or the payload itself where it is small."""
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
