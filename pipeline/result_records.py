"""One record of a ResultWriter's files for each item: what its child execution came to.

AWS Step Functions Developer Guide, "ResultWriter (Map)".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.engine import Engine
from pipeline.frame import Phase
from pipeline.frame_codec import decode_events
from pipeline.interpreter import child_frame
from pipeline.language.errors import ExecutionError
from pipeline.language.history_event import HistoryEvent
from pipeline.language.json_value import Json, JsonObject, dumps
from pipeline.language.timestamps import format_timestamp
from pipeline.ledger.child_executions import ChildExecution, child_executions
from pipeline.ledger.rows import FanOutRow
from pipeline.map_run_names import MapRunNames, child_execution_name

_INCLUDED: JsonObject = {"Included": True}

_STATUSES = {Phase.SUCCEEDED: "SUCCEEDED", Phase.FAILED: "FAILED"}
"""Status of a child that has ended by itself; any other was aborted with its map run."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the kind of file it belongs to: ``SUCCEEDED``, ``FAILED`` or ``PENDING``."""

    outcome: str
    fields: JsonObject


def records(engine: Engine, fan_out: FanOutRow, names: MapRunNames) -> Iterator[Record]:
    """The records of a map run that is over, in order of the items."""
    begun = 0
    with engine.database.reading() as connection:
        for child in child_executions(connection, fan_out.id):
            begun = child.position + 1
            yield _begun(engine, fan_out, child, names)
    for position in range(begun, fan_out.total):
        yield _pending(engine, fan_out, position, names)


def _begun(engine: Engine, fan_out: FanOutRow, child: ChildExecution, names: MapRunNames) -> Record:
    status = _STATUSES.get(child.phase, "ABORTED")
    started, ended = _ends(engine, child)
    given = started.details.get("input") if started else _input(engine, fan_out, child.position)
    fields = _common(child.frame_id, given, names)
    if status == "SUCCEEDED" and child.output is not None:
        fields["Output"] = dumps(engine.payloads.unpack(child.output))
        fields["OutputDetails"] = dict(_INCLUDED)
    if status == "FAILED":
        fields |= {"Error": child.error or "", "Cause": child.cause or ""}
    now = engine.clock()
    succeeded = status == "SUCCEEDED"
    fields |= {
        "RedriveStatus": "NOT_REDRIVABLE" if succeeded else "REDRIVABLE_BY_MAP_RUN",
        "StartDate": format_timestamp(started.timestamp if started else now),
        "Status": status,
        "StopDate": format_timestamp(ended.timestamp if ended else now),
    }
    if succeeded:
        fields["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    return Record("SUCCEEDED" if succeeded else "FAILED", fields)


def _ends(engine: Engine, child: ChildExecution) -> tuple[HistoryEvent | None, HistoryEvent | None]:
    """The first and the last event of a child."""
    if child.first_events is None or child.last_events is None:
        return None, None
    unpack = engine.payloads.unpack
    first = decode_events(child.first_events, unpack)
    last = first
    if child.last_events is not child.first_events:
        last = decode_events(child.last_events, unpack)
    return first[0], last[-1]


def _pending(engine: Engine, fan_out: FanOutRow, position: int, names: MapRunNames) -> Record:
    given = _input(engine, fan_out, position)
    fields = _common(f"{fan_out.id}.{position}", given, names)
    fields |= {"RedriveStatus": "REDRIVABLE_BY_MAP_RUN", "Status": "PENDING"}
    return Record("PENDING", fields)


def _common(frame_id: str, given: Json, names: MapRunNames) -> JsonObject:
    name = child_execution_name(frame_id)
    return {
        "ExecutionArn": names.execution_arn(name),
        "Input": dumps(given),
        "InputDetails": dict(_INCLUDED),
        "Name": name,
        "RedriveCount": 0,
        "StateMachineArn": names.machine_arn,
    }


def _input(engine: Engine, fan_out: FanOutRow, position: int) -> Json:
    """The input of a child without history; its item where that input cannot be made."""
    machine, execution = engine.machine_of(fan_out.execution_id)
    parent, item = engine.parent_of(fan_out), engine.given(fan_out, position)
    sources = engine.sources(f"{fan_out.id}.{position}")
    try:
        return child_frame(machine, parent, position, item, execution, sources).input
    except ExecutionError:
        return item
