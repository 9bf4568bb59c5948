"""The results of the children of a finished map run, as ResultWriter formats them.

AWS Step Functions Developer Guide, "ResultWriter (Map)".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.engine.engine import Engine
from pipeline.engine.map_run_names import MapRunNames, child_execution_name
from pipeline.executor.given_items import given_item
from pipeline.executor.redrivability import TOO_LONG, is_too_long
from pipeline.interpreter.child_frames import child_frame
from pipeline.interpreter.frame import Phase
from pipeline.interpreter.frame_codec import decode_events
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger.child_executions import ChildExecution, ends_of_histories, pages_of_children
from pipeline.ledger.fan_out_id import ChildId
from pipeline.ledger.rows import FanOutRow

_INCLUDED: JsonObject = {"Included": True}

_ENDED_BY_ITSELF = {Phase.SUCCEEDED, Phase.FAILED, Phase.TIMED_OUT}
"""Phases that give a child's status; a child in any other was aborted with its map run."""

_BY_MAP_RUN = "REDRIVABLE_BY_MAP_RUN"


@dataclass(frozen=True, slots=True)
class Record:
    """A result and the kind of file it belongs to: ``SUCCEEDED``, ``FAILED`` or ``PENDING``."""

    outcome: str
    value: Json


def records(
    engine: Engine, fan_out: FanOutRow, names: MapRunNames, transformation: str
) -> Iterator[Record]:
    """The results of a map run in order of its children; with one page in memory at a time.

    A child that has not succeeded is always described as with ``NONE``.

    Args:
        engine: The engine whose ledger holds them.
        fan_out: The finished map run.
        names: Its names.
        transformation: ``NONE`` describes a child in full, ``COMPACT`` gives only its output,
            ``FLATTEN`` the elements of an output that is an array.
    """
    begun = 0
    with engine.database.reading() as connection:
        for page in pages_of_children(connection, fan_out.id):
            begun += len(page)
            described = [child for child in page if _is_described(child, transformation)]
            ends = ends_of_histories(connection, [child.frame_id for child in described])
            for child in page:
                if _is_described(child, transformation):
                    yield _begun(engine, fan_out, child, ends.get(child.frame_id), names)
                else:
                    yield from _outputs(engine, child, transformation)
    for position in range(begun, fan_out.total):
        yield _pending(engine, fan_out, position, names)


def _is_described(child: ChildExecution, transformation: str) -> bool:
    return transformation == "NONE" or child.phase is not Phase.SUCCEEDED or child.output is None


def _outputs(engine: Engine, child: ChildExecution, transformation: str) -> Iterator[Record]:
    output = None if child.output is None else engine.payloads.unpack(child.output)
    if transformation == "FLATTEN" and isinstance(output, list):
        for element in output:
            yield Record("SUCCEEDED", element)
    else:
        yield Record("SUCCEEDED", output)


def _begun(
    engine: Engine,
    fan_out: FanOutRow,
    child: ChildExecution,
    ends: tuple[bytes, bytes] | None,
    names: MapRunNames,
) -> Record:
    status = child.phase.value if child.phase in _ENDED_BY_ITSELF else "ABORTED"
    succeeded = child.phase is Phase.SUCCEEDED
    started, ended = _ends(engine, ends)
    given = started.details.get("input") if started else _input(engine, fan_out, child.position)
    fields = _common(child.frame_id, given, names, redrive_count=child.redrive_count)
    if succeeded and child.output is not None:
        fields["Output"] = dumps(engine.payloads.unpack(child.output))
        fields["OutputDetails"] = dict(_INCLUDED)
    if child.phase in {Phase.FAILED, Phase.TIMED_OUT}:
        fields |= {"Error": child.error or "", "Cause": child.cause or ""}
    now = engine.clock()
    fields |= {
        **_redrivability(engine, child),
        "StartDate": format_timestamp(started.timestamp if started else now),
        "Status": status,
        "StopDate": format_timestamp(ended.timestamp if ended else now),
    }
    return Record("SUCCEEDED" if succeeded else "FAILED", fields)


def _redrivability(engine: Engine, child: ChildExecution) -> JsonObject:
    reason = None
    if child.phase is Phase.SUCCEEDED:
        reason = "Execution is SUCCEEDED and cannot be redriven"
    elif is_too_long(engine, child.frame_id):
        reason = TOO_LONG
    if reason is None:
        return {"RedriveStatus": _BY_MAP_RUN}
    return {"RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason}


def _ends(
    engine: Engine, ends: tuple[bytes, bytes] | None
) -> tuple[HistoryEvent | None, HistoryEvent | None]:
    """A child's first event, unless it was stopped before it began, and its last one."""
    if ends is None:
        return None, None
    first = decode_events(ends[0], engine.payloads.unpack)
    last = first if ends[1] is ends[0] else decode_events(ends[1], engine.payloads.unpack)
    return (first[0] if first[0].type == "ExecutionStarted" else None), last[-1]


def _pending(engine: Engine, fan_out: FanOutRow, position: int, names: MapRunNames) -> Record:
    given = _input(engine, fan_out, position)
    fields = _common(str(ChildId(fan_out.id, position)), given, names, redrive_count=0)
    fields |= {"RedriveStatus": _BY_MAP_RUN, "Status": "PENDING"}
    return Record("PENDING", fields)


def _common(frame_id: str, given: Json, names: MapRunNames, *, redrive_count: int) -> JsonObject:
    name = child_execution_name(frame_id)
    return {
        "ExecutionArn": names.execution_arn(name),
        "Input": dumps(given),
        "InputDetails": dict(_INCLUDED),
        "Name": name,
        "RedriveCount": redrive_count,
        "StateMachineArn": names.machine_arn,
    }


def _input(engine: Engine, fan_out: FanOutRow, position: int) -> Json:
    """The input of a child without history; its item if the input cannot be computed."""
    execution = engine.executions.cached(fan_out.execution_id)
    parent, item = engine.fan_outs.parent_of(fan_out), given_item(engine, fan_out, position)
    sources = engine.sources(str(ChildId(fan_out.id, position)))
    try:
        return child_frame(
            execution.machine, parent, position, item, execution.context, sources
        ).input
    except ExecutionError:
        return item.value
